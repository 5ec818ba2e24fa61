"""Room on the disk, asked for before it is needed, and files that are whole or not there."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seollem.training.errors import DataError, NoSpace

RESERVE = 100_000_000  # bytes that are left to everybody else


def require_space(folder: Path, needed: int) -> None:
    """See to it that a folder, which need not exist yet, can take ``needed`` bytes.

    Raises:
        NoSpace: it cannot.
    """
    existing = folder.resolve()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < needed + RESERVE:
        raise NoSpace(
            f"{folder} has {free / 1e9:.1f} GB free and {(needed + RESERVE) / 1e9:.1f} GB are "
            "needed. Free some, or choose a folder on another disk."
        )


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of ``path`` at the end: all of it or nothing.

    Raises:
        NoSpace: the disk is full.
        DataError: the file cannot be written for another reason.
    """
    partial = path.with_name(f".{path.name}.partial")
    with writing(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield partial
            os.replace(partial, path)
        finally:
            with suppress(OSError):  # it took its place, or the folder itself is none
                partial.unlink()


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Errors of the file system become ones that say what to do.

    Raises:
        NoSpace: the disk is full.
        DataError: ``place`` cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        kind: type[DataError] = (
            NoSpace if error.errno in (errno.ENOSPC, errno.EDQUOT) else DataError
        )
        raise kind(
            f"{place} cannot be written ({error.strerror or error}). Make room, or choose another "
            "place. What was finished before is kept."
        ) from error
