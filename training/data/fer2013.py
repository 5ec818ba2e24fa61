"""FER-2013 with the FERPlus votes, from their official csv files.

``fer2013.csv`` (emotion, pixels, Usage; Goodfellow et al. 2013) and, beside it, ``fer2013new.csv``
(ten annotators' votes a row; Barsoum et al. 2016). ``flags.json``, where present, lists the test
rows that also stand in the training split (``test_rows_ncc_gt_0_95_to_training``).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.emotions import FER2013
from seollem.training.data.duplicates import find_duplicates
from seollem.training.data.faces import VOTE_COLUMNS, FaceSet, Split
from seollem.training.errors import DataError
from seollem.training.files.skipped import Skipped
from seollem.training.files.tables import Record, read_table

FACES_FILE = "fer2013.csv"
VOTES_FILE = "fer2013new.csv"
FLAGS_FILE = "flags.json"
LEAKED_KEY = "test_rows_ncc_gt_0_95_to_training"
SIDE = 48  # pixels
ANNOTATORS = 10  # of each picture
USAGES = {"Training": Split.TRAINING, "PublicTest": Split.PUBLIC, "PrivateTest": Split.PRIVATE}


@dataclass(frozen=True, slots=True)
class CsvFace:
    """A usable row: its number from 0 on, (48, 48) uint8 pixels, label number and split."""

    number: int
    pixels: NDArray[np.uint8]
    label: int
    split: Split


def read_official(folder: Path) -> tuple[FaceSet, Skipped]:
    """Read the official csv files of a folder.

    Where no flags.json lists the leaked rows, they are searched for (see
    seollem.training.data.duplicates).

    Raises:
        DataError: a file is missing, lacks columns, holds no usable row, or the two disagree.
    """
    skipped = Skipped()
    rows, total = read_faces(folder / FACES_FILE, skipped)
    votes = read_votes(folder / VOTES_FILE, total)
    kept = [row.number for row in rows]
    images = np.stack([row.pixels for row in rows])
    splits = np.array([row.split for row in rows], np.int64)
    flags = folder / FLAGS_FILE
    if flags.is_file():
        leaked = np.isin(kept, _flagged(flags))
    else:
        leaked = find_duplicates(images, splits).leaked
    faces = FaceSet(
        images,
        np.array([row.label for row in rows], np.int64),
        votes[kept],
        splits,
        leaked,
    )
    return faces, skipped


def read_faces(path: Path, skipped: Skipped) -> tuple[list[CsvFace], int]:
    """The usable rows of a fer2013.csv, and how many there are with the damaged ones.

    Raises:
        DataError: the file is missing, lacks columns or holds no usable row.
    """
    faces: list[CsvFace] = []
    total = 0
    for number, row in enumerate(_official(path, ("emotion", "pixels", "Usage"))):
        total += 1
        face = _face(number, row)
        if face:
            faces.append(face)
        else:
            skipped.add("a damaged row", f"{path.name} row {number}")
    if not faces:
        raise DataError(f"{path} holds no usable row.")
    return faces, total


def read_votes(path: Path, rows: int) -> NDArray[np.int64]:
    """(rows, 10) int64: FERPlus votes for each row of fer2013.csv, damaged ones included.

    Raises:
        DataError: the file is missing, lacks columns, holds nonsense, or has another length.
    """
    try:
        votes = [
            [_vote(row[name] or "") for name in VOTE_COLUMNS]
            for row in _official(path, VOTE_COLUMNS)
        ]
    except ValueError as error:
        raise DataError(
            f"{path} holds a vote that is not a number from 0 to {ANNOTATORS} ({error}). "
            "Take the file that FERPlus (GitHub) hands out."
        ) from error
    if len(votes) != rows:
        raise DataError(f"{path} has {len(votes)} rows and {FACES_FILE} {rows}; they must match.")
    return np.array(votes, np.int64)


def _official(path: Path, columns: Sequence[str]) -> Iterator[Record]:
    if not path.is_file():
        raise DataError(f"{path} is missing. It comes with FER-2013 (Kaggle) or FERPlus (GitHub).")
    return read_table(path, columns)


def _vote(text: str) -> int:
    vote = int(text)
    if not 0 <= vote <= ANNOTATORS:
        raise ValueError(text)
    return vote


def _flagged(path: Path) -> list[int]:
    try:
        return [int(row) for row in json.loads(path.read_text("utf-8"))[LEAKED_KEY]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} has no list of row numbers called {LEAKED_KEY}.") from error


def _face(number: int, row: Record) -> CsvFace | None:
    try:
        pixels = np.array((row["pixels"] or "").split(), np.int64)
        label, split = int(row["emotion"] or ""), USAGES[row["Usage"] or ""]
    except (KeyError, ValueError, OverflowError):
        return None
    if pixels.size != SIDE * SIDE or pixels.min() < 0 or pixels.max() > 255:
        return None
    if not 0 <= label < len(FER2013):
        return None
    return CsvFace(number, pixels.astype(np.uint8).reshape(SIDE, SIDE), label, split)
