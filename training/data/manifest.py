"""The manifest: one row for each face of the merged sources, as a Parquet file.

A face stays where it is, in its own file or row of a csv file; the manifest says where that is, who
labelled it how, and what else is known. Paths are relative to the manifest's folder.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seollem.training.data.duplicates import Duplicates
from seollem.training.data.faces import ANNOTATORS, VOTE_COLUMNS, FaceSet, Split
from seollem.training.errors import DataError, MissingExtra
from seollem.training.files.disk import replacing_file
from seollem.vision.geometry import Square

if TYPE_CHECKING:
    import pyarrow

SOURCES = ("fer2013", "affectnet")


@dataclass(frozen=True, slots=True)
class Row:
    """One face.

    Attributes:
        source: of SOURCES; also the annotator who gave the label.
        split: Split.
        label: an emotion, one of the source's annotator.
        path: of the picture, or of the csv file that holds it.
        number: of the row of the csv file, from 0 on; None where the file is the picture.
        votes: FERPlus, ten numbers (see FaceSet), where somebody voted.
        valence, arousal: in [-1, 1] (AffectNet), where they are known.
        crop: where the face is in its picture, framed as faces are read; None: all of it.
    """

    source: str
    split: Split
    label: str
    path: Path
    number: int | None = None
    votes: tuple[int, ...] | None = None
    valence: float | None = None
    arousal: float | None = None
    crop: Square | None = None

    @property
    def place(self) -> str:
        """Where to look for it, in words."""
        return str(self.path) if self.number is None else f"{self.path} row {self.number}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The merged rows, and what was found out about near-duplicates among them."""

    rows: tuple[Row, ...]
    duplicates: Duplicates

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def splits(self) -> NDArray[np.int64]:
        """(N,) a ``Split`` each."""
        return np.array([row.split for row in self.rows], np.int64)

    def faces(self, images: NDArray[np.uint8]) -> FaceSet:
        """The rows with their pictures (N, S, S), as training takes them."""
        nobody = (0,) * len(VOTE_COLUMNS)
        return FaceSet(
            images,
            labels=self._numbers("fer2013"),
            votes=np.array([row.votes or nobody for row in self.rows], np.int64),
            splits=self.splits,
            leaked=self.duplicates.leaked,
            affectnet=self._numbers("affectnet"),
        )

    def write(self, path: Path) -> None:
        """Write the Parquet file, all of it or nothing.

        Raises:
            DataError: the file cannot be written.
            MissingExtra: pyarrow is not installed.
        """
        parquet = _parquet()
        with replacing_file(path) as partial:
            parquet.write_table(self._table(path.parent), partial)

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read what ``write`` wrote.

        Raises:
            DataError: the file is missing, damaged, or lacks columns.
            MissingExtra: pyarrow is not installed.
        """
        parquet = _parquet()
        try:
            records = parquet.read_table(path).to_pylist()
            rows = tuple(_row(record, path.parent) for record in records)
            duplicates = Duplicates(
                np.array([record["perceptual_hash"] for record in records], np.uint64),
                np.array([record["duplicate_of"] for record in records], np.int64),
                np.array([record["leaked"] for record in records], np.bool_),
            )
        except (OSError, KeyError, TypeError, ValueError) as error:  # pyarrow's are among them
            raise DataError(
                f"{path} is no manifest ({error}). Make it with: seollem train merge"
            ) from error
        return cls(rows, duplicates)

    def _numbers(self, source: str) -> NDArray[np.int64]:
        """(N,) int64: the labels as the source numbers them; -1 for rows of others."""
        return np.array(
            [
                ANNOTATORS[source].index(row.label) if row.source == source else -1
                for row in self.rows
            ],
            np.int64,
        )

    def _table(self, folder: Path) -> "pyarrow.Table":
        import pyarrow

        rows, found = self.rows, self.duplicates
        columns: dict[str, tuple[Iterable[Any], Any]] = {
            "source": ([row.source for row in rows], pyarrow.string()),
            "split": ([row.split.name.lower() for row in rows], pyarrow.string()),
            "label": ([row.label for row in rows], pyarrow.string()),
            "votes": ([row.votes for row in rows], pyarrow.list_(pyarrow.int16())),
            "valence": ([row.valence for row in rows], pyarrow.float32()),
            "arousal": ([row.arousal for row in rows], pyarrow.float32()),
            "path": ([_relative(row.path, folder) for row in rows], pyarrow.string()),
            "row": ([row.number for row in rows], pyarrow.int64()),
            "crop": ([_square(row.crop) for row in rows], pyarrow.list_(pyarrow.float32())),
            "perceptual_hash": (found.hashes, pyarrow.uint64()),
            "duplicate_of": (found.first, pyarrow.int64()),
            "leaked": (found.leaked, pyarrow.bool_()),
        }
        return pyarrow.table(
            {name: pyarrow.array(values, kind) for name, (values, kind) in columns.items()}
        )


def _parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtra("Manifests need pyarrow: pip install 'seollem[train]'") from error
    return pyarrow.parquet


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def _square(crop: Square | None) -> tuple[float, ...] | None:
    return None if crop is None else (crop.x, crop.y, crop.side, crop.roll)


def _row(record: dict[str, Any], folder: Path) -> Row:
    source, label = record["source"], record["label"]
    if source not in SOURCES or label not in ANNOTATORS[source]:
        raise ValueError(f"an unknown label {label!r} of {source!r}")
    return Row(
        source=source,
        split=Split[record["split"].upper()],
        label=label,
        path=Path(os.path.normpath(folder / record["path"])),
        number=record["row"],
        votes=None if record["votes"] is None else tuple(record["votes"]),
        valence=record["valence"],
        arousal=record["arousal"],
        crop=None if record["crop"] is None else Square(*record["crop"]),
    )
