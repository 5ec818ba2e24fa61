"""Faces with their annotators' labels."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.emotions import AFFECTNET, FACE_EMOTIONS, FER2013
from seollem.training.errors import DataError
from seollem.training.files.disk import replacing_file

VOTE_COLUMNS = (*FACE_EMOTIONS, "unknown", "NF")
# Sources of labels → their labels, in the order of their numbers.
ANNOTATORS: Mapping[str, tuple[str, ...]] = {
    "ferplus": FACE_EMOTIONS,
    "fer2013": FER2013,
    "affectnet": AFFECTNET,
}
# What batches are balanced over: FER-2013's numbers, and the one emotion that it lacks.
CLASSES = (*FER2013, "contempt")


class Split(IntEnum):
    """FER-2013's splits, and their parts for all sets: choose on PUBLIC, report on PRIVATE."""

    TRAINING = 0
    PUBLIC = 1
    PRIVATE = 2


@dataclass(frozen=True, slots=True)
class FaceSet:
    """Faces of one or several sources, each labelled by some of the annotators.

    Attributes:
        images: (N, S, S) uint8, grey, S pixels a side: 48 in FER-2013.
        labels: (N,) int64, FER-2013's own, in the order of ``emotions.FER2013``; -1 where a face
            is of another source.
        votes: (N, 10) int64, FERPlus: the eight face emotions, unknown, not a face; zeros where
            nobody voted.
        splits: (N,) int64, a ``Split`` each.
        leaked: (N,) bool, rows whose picture is in an earlier split, too.
        affectnet: (N,) int64, AffectNet's, in the order of ``emotions.AFFECTNET``; -1 as above.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.int64]
    splits: NDArray[np.int64]
    leaked: NDArray[np.bool_]
    affectnet: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        if not len(self.affectnet):  # the faces of FER-2013 alone
            object.__setattr__(self, "affectnet", np.full(len(self), -1, np.int64))

    def __len__(self) -> int:
        return len(self.images)

    def where(self, mask: NDArray[np.bool_]) -> "FaceSet":
        """The rows that the mask keeps."""
        return FaceSet(*(getattr(self, column.name)[mask] for column in fields(self)))

    def split(self, split: Split) -> "FaceSet":
        """The rows of one split."""
        return self.where(self.splits == split)

    @property
    def validation(self) -> "FaceSet":
        """The rows to choose by: the public split's, without those that were trained on."""
        return self.where((self.splits == Split.PUBLIC) & ~self.leaked)

    @property
    def checksum(self) -> int:
        """CRC-32 of all columns: the same for the same faces with the same labels."""
        total = 0
        for column in fields(self):
            total = zlib.crc32(np.ascontiguousarray(getattr(self, column.name)).data, total)
        return total

    @property
    def is_face(self) -> NDArray[np.bool_]:
        """(N,) bool: fewer than half of the annotators saw no face."""
        return self.votes[:, -1] < 5

    @property
    def vote_shares(self) -> NDArray[np.float32]:
        """(N, 8) float32: votes for the eight emotions, summing to 1, or all 0 where none agree.

        A single vote counts as a slip, as in the authors' own code (Barsoum et al. 2016).
        """
        emotions = self.votes[:, : len(FACE_EMOTIONS)].astype(np.float32)
        emotions[emotions <= 1] = 0
        totals = emotions.sum(axis=1, keepdims=True)
        shares: NDArray[np.float32] = emotions / np.maximum(totals, 1)
        return shares

    @property
    def plurality(self) -> NDArray[np.int64]:
        """(N,) int64: the most voted of the eight emotions, or -1 where nobody voted, or where
        "unknown" or "not a face" has more votes than any of them; ties go to the first in the
        order of FACE_EMOTIONS."""
        best = self.votes.argmax(axis=1)
        return np.where((best < len(FACE_EMOTIONS)) & self.votes.any(axis=1), best, -1)

    @property
    def majority(self) -> NDArray[np.int64]:
        """(N,) int64: the emotion with more than half of the votes, single ones left out, or -1.

        Published figures of FERPlus are of the rows that have one (Barsoum et al. 2016).
        """
        votes = np.where(self.votes > 1, self.votes, 0)
        won = (2 * votes.max(axis=1) > votes.sum(axis=1)) & votes.any(axis=1)
        return np.where(won, self.plurality, -1)

    @property
    def annotators(self) -> tuple[str, ...]:
        """Those who labelled at least one of these faces."""
        return tuple(name for name in ANNOTATORS if np.any(self.truth(name) >= 0))

    def truth(self, annotator: str) -> NDArray[np.int64]:
        """(N,) int64: an annotator's label numbers (see ANNOTATORS), -1 where there is none."""
        numbers = {"ferplus": self.plurality, "fer2013": self.labels, "affectnet": self.affectnet}
        return numbers[annotator]

    @property
    def classes(self) -> NDArray[np.int64]:
        """(N,) int64: the source's own label in the order of CLASSES, to balance batches by."""
        from_affectnet = np.array([CLASSES.index(label) for label in AFFECTNET])
        return np.where(self.labels >= 0, self.labels, from_affectnet[self.affectnet])

    def save(self, path: Path) -> None:
        """Write the rows as one compressed NumPy archive.

        Raises:
            DataError: the file cannot be written.
        """
        columns = {column.name: getattr(self, column.name) for column in fields(self)}
        with replacing_file(path) as partial, partial.open("wb") as file:
            np.savez_compressed(file, **columns)

    @classmethod
    def load(cls, path: Path) -> "FaceSet":
        """Read what ``save`` wrote.

        Raises:
            DataError: the file is missing or damaged.
        """
        try:
            with path.open("rb") as file, np.load(file) as archive:
                return cls(**{name: archive[name] for name in archive.files})
        except (OSError, EOFError, TypeError, ValueError, BadZipFile, zlib.error) as error:
            raise DataError(
                f"{path} is no archive of faces. Make it with: seollem train prepare"
            ) from error
