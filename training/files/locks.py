"""One command at a time writes into a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from seollem.training.errors import DataError, FolderInUse

LOCK_FILE = ".lock"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep a folder, made where it is missing, from every other command; a killed one keeps none.

    Raises:
        FolderInUse: another command is writing there.
        DataError: the folder cannot be made or written.
    """
    lock = FileLock(folder / LOCK_FILE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise FolderInUse(
            f"Another command is writing into {folder}. Wait until it has ended, or use another "
            "--out."
        ) from error
    except OSError as error:
        raise DataError(
            f"{folder} cannot be written ({error.strerror or error}). Choose another --out."
        ) from error
    try:
        yield
    finally:
        lock.release()
