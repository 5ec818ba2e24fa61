"""Rows of csv files: from outside, and for spreadsheets."""

import csv
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from seollem.training.errors import DataError
from seollem.training.files.disk import replacing_file

Record = dict[str, str | None]  # column → text; None where a row is too short
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for the start of one


def read_table(
    path: Path, columns: Collection[str], *, headless: Sequence[str] = ()
) -> Iterator[Record]:
    """The rows of a csv file in UTF-8, which must have some columns.

    Args:
        headless: the names of the columns, for files that begin with their first row.

    Raises:
        DataError: the file is missing, lacks columns, or is no text.
    """
    csv.field_size_limit(sys.maxsize)  # FER-2013's pixels
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = sorted(set(columns) - set(reader.fieldnames or ()))
            if missing and headless and len(reader.fieldnames or ()) == len(headless):
                file.seek(0)
                reader = csv.DictReader(file, headless)
            elif missing:
                raise DataError(f"{path} lacks the columns {', '.join(missing)}.")
            yield from reader
    except OSError as error:
        raise DataError(f"{path} cannot be opened ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is no csv file in UTF-8 ({error}). Save it as such.") from error


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a csv file as spreadsheets read it.

    It has a byte order mark, for Hangul's sake, and an apostrophe before text that would be taken
    for a formula.

    Raises:
        DataError: the file cannot be written.
    """
    with (
        replacing_file(path) as partial,
        partial.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_harmless(cell) for cell in row] for row in rows)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
