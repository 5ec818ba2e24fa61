"""What people say of faces: lines of a csv file, and their way back into the data set."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seollem.training.annotation.dataset import Annotations
from seollem.training.errors import DataError
from seollem.training.files.skipped import SHOWN
from seollem.training.files.tables import read_table, write_table

if TYPE_CHECKING:
    import pyarrow

NONE = "-"  # no label fits
HERE = "./"  # before names, which a spreadsheet might otherwise take for formulas

# (image, face) → the right label; None where none fits
Corrections = Mapping[tuple[str, int], str | None]


@dataclass(frozen=True, slots=True)
class Line:
    """A face on a contact sheet; ``label`` is its likeliest, whether or not it was given."""

    number: int
    image: str
    face: int
    label: str
    confidence: float
    abstained: str
    correction: str = ""


def write_lines(path: Path, lines: Iterable[Line]) -> None:
    """Write labels.csv.

    Raises:
        DataError: the file cannot be written.
    """
    shown = (
        replace(line, image=HERE + line.image, confidence=round(line.confidence, 4))
        for line in lines
    )
    write_table(path, [field.name for field in fields(Line)], map(astuple, shown))


def read_corrections(path: Path, labels: Collection[str]) -> Corrections:
    """The lines in which a person wrote something.

    Raises:
        DataError: no such csv file, or lines that are wrong; the first few are named.
    """
    corrections: dict[tuple[str, int], str | None] = {}
    wrong: list[str] = []
    for number, row in enumerate(read_table(path, {"image", "face", "correction"}), start=2):
        written = unicodedata.normalize("NFC", row["correction"] or "").strip()
        if not written:
            continue
        try:
            face = int(row["face"] or "")
        except ValueError:
            wrong.append(f"line {number}: {row['face']!r} is no number of a face")
            continue
        key = ((row["image"] or "").removeprefix(HERE), face)
        if written != NONE and written not in labels:
            wrong.append(f"line {number}: {written!r} is none of the labels")
        elif key in corrections:
            wrong.append(f"line {number}: this face was corrected before")
        corrections[key] = None if written == NONE else written
    _refuse(path, wrong)
    return corrections


def apply_corrections(annotations: Annotations, corrections: Corrections) -> None:
    """Write them into the data set, file by file; earlier ones of other faces stay.

    Raises:
        DataError: one is about a face that the data set does not hold. Nothing is written then.
    """
    known = {(row["image"], row["face"]) for row in annotations.rows(["image", "face"])}
    unknown = [
        f"face {face} of {image}" for image, face in corrections if (image, face) not in known
    ]
    _refuse(Path("the data set"), [f"it holds no {place}" for place in unknown])
    for path, table in zip(annotations.parts, annotations.tables(), strict=True):
        keys = list(zip(table["image"].to_pylist(), table["face"].to_pylist(), strict=True))
        if corrections.keys().isdisjoint(keys):
            continue
        reviewed, corrected = table["reviewed"].to_pylist(), table["corrected"].to_pylist()
        for row, key in enumerate(keys):
            if key in corrections:
                reviewed[row], corrected[row] = True, corrections[key]
        annotations.write(path, _with(_with(table, "reviewed", reviewed), "corrected", corrected))


def _with(table: "pyarrow.Table", column: str, values: list[Any]) -> "pyarrow.Table":
    import pyarrow

    place, field = table.schema.get_field_index(column), table.schema.field(column)
    return table.set_column(place, field, pyarrow.array(values, field.type))


def _refuse(where: object, wrong: list[str]) -> None:
    if wrong:
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise DataError(f"{where}: {'; '.join(wrong[:SHOWN])}{more}. Nothing was changed.")
