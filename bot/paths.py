"""Which lines typed or dragged into a terminal name a picture, and where it lies."""

import os.path
import shlex
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

# Pictures by name, those of formats that are not read included: they deserve a polite refusal.
_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif",
    ".heic", ".heif", ".avif", ".jxl", ".tif", ".tiff", ".bmp", ".svg", ".psd", ".pdf",
    ".dng", ".raw", ".cr2", ".nef", ".arw",
)  # fmt: skip


def picture_path(line: str) -> Path | None:
    """The path of the picture that a line names, or None: then it is a message.

    A line is a path when a file of a picture's name or behind a folder's separator is there, or
    when it could only be meant as one. Terminals paste dragged files in quotes, with backslashes
    before blanks, as file:// addresses, and with a blank at the end; all of that is undone.
    """
    candidates = [candidate for candidate in _readings(line.strip()) if str(candidate) != "."]
    for candidate in candidates:
        if _is_file(candidate) and (_has_suffix(candidate) or len(candidate.parts) > 1):
            return candidate
    for candidate in candidates:
        if _has_suffix(candidate) and _is_meant(line.strip()):
            return candidate
    return None


def _readings(line: str) -> list[Path]:
    """What the line may stand for, the most literal first."""
    if line.lower().startswith("file:"):
        return [Path(url2pathname(urlsplit(line).path))]
    readings = [line]
    if len(line) > 1 and line[0] == line[-1] and line[0] in "'\"":
        readings.append(line[1:-1])
    try:
        words = shlex.split(line)
    except ValueError:  # an apostrophe in a sentence
        words = []
    if len(words) == 1:
        readings.append(words[0])
    return [Path(os.path.expanduser(reading)) for reading in readings]


def _is_meant(line: str) -> bool:
    """Whether a name with a picture's ending is a path and not a sentence about a picture."""
    if line[0] in "'\"~/." or line.lower().startswith("file:"):
        return True
    return "://" not in line and not any(letter.isspace() for letter in line.replace("\\ ", ""))


def _has_suffix(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long for a name, or with a zero byte
        return False
