"""FER-2013 with the FERPlus votes, from their official files.

``fer2013.csv`` (emotion, pixels, Usage; Goodfellow et al. 2013) and, beside it, ``fer2013new.csv``
(ten annotators' votes a row; Barsoum et al. 2016). ``flags.json``, where present, lists the test
rows that also stand in the training split (``test_rows_ncc_gt_0_95_to_training``).
"""

import csv
import json
import sys
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scoring.emotions import FACE_EMOTIONS
from training.errors import DataError

SIDE = 48  # pixels
CLASSES = 7
VOTE_COLUMNS = (*FACE_EMOTIONS, "unknown", "NF")
LEAKED_KEY = "test_rows_ncc_gt_0_95_to_training"


class Split(IntEnum):
    """The challenge's splits: choose on PUBLIC (validation), report on PRIVATE (test)."""

    TRAINING = 0
    PUBLIC = 1
    PRIVATE = 2


_USAGE = {"Training": Split.TRAINING, "PublicTest": Split.PUBLIC, "PrivateTest": Split.PRIVATE}


@dataclass(frozen=True, slots=True)
class FaceSet:
    """Rows of FER-2013.

    Attributes:
        images: (N, 48, 48) uint8, grey.
        labels: (N,) int64 in [0, 7), FER-2013's own, in the order of ``emotions.FER2013``.
        votes: (N, 10) int64, FERPlus: the eight face emotions, unknown, not a face.
        splits: (N,) int64, a ``Split`` each.
        leaked: (N,) bool, test rows that are also in the training split.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.int64]
    splits: NDArray[np.int64]
    leaked: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.images)

    def where(self, mask: NDArray[np.bool_]) -> "FaceSet":
        """The rows that the mask keeps."""
        return FaceSet(
            self.images[mask],
            self.labels[mask],
            self.votes[mask],
            self.splits[mask],
            self.leaked[mask],
        )

    def split(self, split: Split) -> "FaceSet":
        """The rows of one split."""
        return self.where(self.splits == split)

    @property
    def is_face(self) -> NDArray[np.bool_]:
        """(N,) bool: fewer than half of the annotators saw no face."""
        return self.votes[:, -1] < 5

    @property
    def vote_shares(self) -> NDArray[np.float32]:
        """(N, 8) float32: votes for the eight emotions, summing to 1, or all 0 where none agree.

        A single vote counts as a slip, as in the authors' own reader (Barsoum et al. 2016).
        """
        emotions = self.votes[:, : len(FACE_EMOTIONS)].astype(np.float32)
        emotions[emotions <= 1] = 0
        totals = emotions.sum(axis=1, keepdims=True)
        shares: NDArray[np.float32] = emotions / np.maximum(totals, 1)
        return shares

    @property
    def plurality(self) -> NDArray[np.int64]:
        """(N,) int64: the most voted of the eight emotions, or -1 where "unknown" or "not a face"
        has more votes than any of them; ties go to the first in the order of FACE_EMOTIONS."""
        best = self.votes.argmax(axis=1)
        return np.where(best < len(FACE_EMOTIONS), best, -1)

    def save(self, path: Path) -> None:
        """Write the rows as one compressed NumPy archive."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            images=self.images,
            labels=self.labels,
            votes=self.votes,
            splits=self.splits,
            leaked=self.leaked,
        )

    @classmethod
    def load(cls, path: Path) -> "FaceSet":
        """Read what ``save`` wrote.

        Raises:
            DataError: the file is missing or damaged.
        """
        try:
            with np.load(path) as archive:
                return cls(**{name: archive[name] for name in cls.__slots__})
        except (OSError, KeyError, ValueError) as error:
            raise DataError(
                f"{path} is no archive of faces. Make it with: python -m training prepare"
            ) from error


def read_official(folder: Path) -> tuple[FaceSet, int]:
    """Read the official csv files of a folder.

    Returns:
        The rows, and how many damaged ones were skipped.

    Raises:
        DataError: a file is missing, lacks columns, holds no usable row, or the two disagree.
    """
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    splits: list[int] = []
    kept: list[int] = []
    csv.field_size_limit(sys.maxsize)
    rows = 0
    for number, row in enumerate(_rows(folder / "fer2013.csv", {"emotion", "pixels", "Usage"})):
        rows += 1
        try:
            pixels = np.array(row["pixels"].split(), np.int64)
            label, split = int(row["emotion"]), _USAGE[row["Usage"]]
        except (KeyError, ValueError, AttributeError):
            continue
        inside = pixels.size == SIDE * SIDE and pixels.min() >= 0 and pixels.max() <= 255
        if not inside or not 0 <= label < CLASSES:
            continue
        images.append(pixels.astype(np.uint8).reshape(SIDE, SIDE))
        labels.append(label)
        splits.append(split)
        kept.append(number)
    if not images:
        raise DataError(f"{folder / 'fer2013.csv'} holds no usable row.")
    votes = _votes(folder / "fer2013new.csv", rows)[kept]
    leaked = np.zeros(rows, np.bool_)
    flags = folder / "flags.json"
    if flags.is_file():
        leaked[json.loads(flags.read_text(encoding="utf-8"))[LEAKED_KEY]] = True
    faces = FaceSet(
        np.stack(images),
        np.array(labels, np.int64),
        votes,
        np.array(splits, np.int64),
        leaked[kept],
    )
    return faces, rows - len(kept)


def _votes(path: Path, rows: int) -> NDArray[np.int64]:
    try:
        votes = [[int(row[name]) for name in VOTE_COLUMNS] for row in _rows(path, {*VOTE_COLUMNS})]
    except (TypeError, ValueError) as error:
        raise DataError(f"{path} holds a vote that is not a number ({error}).") from error
    if len(votes) != rows:
        raise DataError(f"{path} has {len(votes)} rows and fer2013.csv {rows}; they must match.")
    return np.array(votes, np.int64)


def _rows(path: Path, columns: set[str]) -> "csv.DictReader[str]":
    try:
        file = path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise DataError(
            f"{path} cannot be opened ({error.strerror}). "
            "It comes with FER-2013 (Kaggle) or FERPlus (GitHub)."
        ) from error
    reader = csv.DictReader(file)
    missing = columns - set(reader.fieldnames or ())
    if missing:
        file.close()
        raise DataError(f"{path} lacks the columns {', '.join(sorted(missing))}.")
    return reader
