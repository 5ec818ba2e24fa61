"""Which lines of a terminal name a picture, what follows the name, and what the file holds."""

import os.path
import re
import shlex
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from seollem.bot.errors import FileMissing, FileUnreadable

# Pictures by name, those of formats that are not read included: they deserve a polite refusal.
_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif",
    ".heic", ".heif", ".avif", ".jxl", ".tif", ".tiff", ".bmp", ".svg", ".psd", ".pdf",
    ".dng", ".raw", ".cr2", ".nef", ".arw",
)  # fmt: skip


_ENDS = re.compile(rf"(?:{'|'.join(map(re.escape, _SUFFIXES))})['\"]?(?=\s)", re.IGNORECASE)
_WORDS = (  # as a shell sees a word, and where a quote is an apostrophe
    re.compile(r"""(?:\\.|'[^']*'|"[^"]*"|[^\s'"\\])+(?=\s)"""),
    re.compile(r"\S+"),
)
_LONGEST = 4096  # characters of a path
_TRIED = 8  # places where a path may end


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


def selfie_and_words(line: str) -> tuple[Path, str]:
    """The path that a line begins with, and the words after it, if any.

    A name with blanks needs no quotes: the path ends with the line, after a picture's ending or
    with the first word, wherever a file is found, else after the first picture's ending, else with
    the line.
    """
    line = line.strip()
    ends = [found.end() for found in islice(_ENDS.finditer(line, 0, _LONGEST), _TRIED)]
    words = [found.end() for word in _WORDS if (found := word.match(line, 0, _LONGEST))]
    for end in (len(line), *ends, *words):
        file = next(filter(_is_file, _readings(line[:end])), None)
        if file is not None:
            return file, line[end:].strip()
    named = [(path, line[end:].strip()) for end in ends if (path := picture_path(line[:end]))]
    return named[0] if named else (picture_path(line) or Path(line), "")


def read_file(path: Path, *, limit: int) -> bytes:
    """The file's bytes, at most one more than ``limit``: enough to be found too large.

    Raises:
        FileMissing, FileUnreadable: see seollem.bot.errors.
    """
    try:
        if path.exists() and not path.is_file():  # opening a named pipe would wait for ever
            raise FileUnreadable(str(path), "not a file")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        raise FileMissing(str(path)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileUnreadable(str(path), reason) from None


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
