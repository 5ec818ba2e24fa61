"""Kaggle's data sets, fetched by Kaggle's own client.

Who is asking is the client's business: it reads KAGGLE_API_TOKEN or ~/.kaggle/access_token,
KAGGLE_USERNAME and KAGGLE_KEY, ~/.kaggle/kaggle.json, or what ``kaggle auth login`` left.
"""

import contextlib
import errno
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seollem.training.errors import (
    DataError,
    DownloadError,
    MissingExtra,
    NoConnection,
    NoCredentials,
    NoSpace,
    NoSuchDataset,
    TermsNotAccepted,
)
from seollem.training.files.disk import require_space

SITE = "https://www.kaggle.com"
CREDENTIALS = (
    f"Make a token at {SITE}/settings/api and put it into ~/.kaggle/access_token or "
    "KAGGLE_API_TOKEN; an older kaggle.json belongs into ~/.kaggle/, its two values may also be "
    "KAGGLE_USERNAME and KAGGLE_KEY."
)
RETRIES = 5  # of an interrupted transfer, by the client, each from where it stopped
CHUNK = 1 << 16  # bytes; the most that an interrupted transfer loses
NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*(/\d+)?")  # OWNER/DATASET, perhaps with a version


class Kaggle:
    """A connection in somebody's name.

    Raises:
        MissingExtra: the client is not installed.
        NoCredentials: there are none, or Kaggle refuses them.
        NoConnection: Kaggle cannot be reached.
    """

    def __init__(self) -> None:
        # The client signs in when it is imported, and prints a page of advice where it cannot.
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                from kaggle.api.kaggle_api_extended import KaggleApi
            except ImportError as error:
                raise MissingExtra(
                    "Kaggle's client is not installed: pip install 'seollem[train]'"
                ) from error
            self._api: Any = KaggleApi()
            with _failures_told(SITE):
                try:
                    self._api.authenticate()
                except SystemExit as error:
                    raise NoCredentials(f"Kaggle asks who you are. {CREDENTIALS}") from error

    def fetch(self, dataset: str, folder: Path) -> Path:
        """Fetch a data set's archive into a folder, or the rest of it; its length is checked.

        Args:
            dataset: OWNER/DATASET, or OWNER/DATASET/VERSION.

        Raises:
            DownloadError: NoCredentials, TermsNotAccepted, NoSuchDataset or NoConnection.
            NoSpace: the disk cannot take it.
            DataError: the name is none.
        """
        if not NAME.fullmatch(dataset):
            raise DataError(f"{dataset!r} names no data set; it should be OWNER/DATASET.")
        owner, name, *version = dataset.split("/")
        archive = folder / f"{name}.zip"
        from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

        request = ApiDownloadDatasetRequest()
        request.owner_slug, request.dataset_slug = owner, name
        request.dataset_version_number = int(version[0]) if version else None
        with _failures_told(f"{SITE}/datasets/{owner}/{name}"):
            client = self._api.build_kaggle_client()
            with client, client.datasets.dataset_api_client.download_dataset(request) as response:
                there = archive.stat().st_size if archive.is_file() else 0
                length = int(response.headers.get("Content-Length", 0))
                require_space(folder, length - there)
                if there != length or self._api.download_needed(response, str(archive)):
                    self._api.download_file(
                        response,
                        str(archive),
                        client.http_client(),
                        quiet=False,
                        resume=True,
                        chunk_size=CHUNK,
                        max_retries=RETRIES,
                    )
        return archive


@contextlib.contextmanager
def _failures_told(address: str) -> Iterator[None]:
    """What the client raises → what to do about it."""
    from requests import HTTPError, RequestException
    from urllib3.exceptions import HTTPError as TransferError

    try:
        yield
    except HTTPError as error:
        raise _refusal(error, address) from error
    except OSError as error:  # requests' own are among them
        if error.errno == errno.ENOSPC:
            raise NoSpace(
                "The disk became full. Free some of it; the rest is fetched then."
            ) from error
        if isinstance(error, RequestException):
            raise NoConnection(_unreachable(error)) from error
        raise DownloadError(f"The archive cannot be written ({error}).") from error
    except TransferError as error:
        raise NoConnection(_unreachable(error)) from error
    except ValueError as error:  # the client's word for a length that is not the announced one
        raise DownloadError(f"{error}. The same command fetches it again.") from error


def _refusal(error: Any, address: str) -> DownloadError:
    status = error.response.status_code if error.response is not None else None
    if status == 401:
        return NoCredentials(f"Kaggle does not know these credentials. {CREDENTIALS}")
    if status == 403:
        return TermsNotAccepted(
            f"Kaggle does not hand out {address} ({error}). Sign in there, accept its terms, and "
            "give the same command again."
        )
    if status == 404:
        return NoSuchDataset(f"There is no {address}. Name another copy of the data set.")
    return NoConnection(f"Kaggle cannot serve {address} now ({error}). Try again later.")


def _unreachable(error: Exception) -> str:
    return (
        f"Kaggle cannot be reached ({type(error).__name__}). What was fetched is kept: the same "
        "command goes on with the rest."
    )
