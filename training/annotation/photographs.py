"""The photographs of a folder."""

import os
from pathlib import Path
from typing import NamedTuple

from seollem.training.errors import DataError

# Also of formats that are not read, so that their files are listed and not just passed over.
PICTURES = frozenset({".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".webp", ".gif"})
OTHER_PICTURES = frozenset({".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl"})


class Photograph(NamedTuple):
    """``name`` is the path within its folder as it stands in the data set; ``path`` opens it."""

    name: str
    path: Path


def find_photographs(folder: Path, leave_out: Path) -> tuple[list[Photograph], int]:
    """Files that are pictures by their names, sorted, and how many others there are.

    Hidden files and folders, links to folders, and ``leave_out`` are not looked at. What cannot be
    opened (a link to nowhere, a folder that may not be listed) is among the pictures, so that
    whoever opens them tells of it.

    Raises:
        DataError: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder of photographs.")
    found: list[Photograph] = []
    others = 0

    def closed(error: OSError) -> None:
        path = Path(error.filename)
        found.append(Photograph(readable(path.relative_to(folder)), path))

    for place, folders, files in os.walk(folder, onerror=closed):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and Path(place, name).resolve() != leave_out.resolve()
        )
        for name in sorted(files):
            path = Path(place, name)
            if name.startswith("."):
                continue
            is_picture = path.suffix.lower() in PICTURES | OTHER_PICTURES
            if is_picture and (path.is_file() or not path.exists()):  # no pipe or device
                found.append(Photograph(readable(path.relative_to(folder)), path))
            else:
                others += 1
    if not found:
        raise DataError(f"{folder} holds no photographs (JPEG, PNG, WebP or GIF).")
    return found, others


def readable(path: Path) -> str:
    """A path as text, whatever bytes its name is of."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
