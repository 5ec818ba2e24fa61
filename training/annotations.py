"""The granular data set on disk: Parquet files that are whole, whenever the work is stopped.

    OUT/data/part-00000.parquet …   rows, a face each
    OUT/annotation.json             how they are made; another run may not add what differs
    OUT/skipped.csv, OUT/README.md  written at the end from the files above

A Parquet file also tells, in its metadata, of the photographs that gave it no row: together they
are the record of what was done.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring.emotions import FACE_EMOTIONS
from training.annotator import Annotated
from training.errors import DataError, MissingExtra, SettingsError
from training.skipped import Skipped

if TYPE_CHECKING:
    import pyarrow

RECORD = "annotation.json"
SKIPPED = b"skipped"  # key of the metadata
BOX = ("x", "y", "width", "height")


class Annotations:
    """The folder of a data set.

    Raises:
        MissingExtra: pyarrow is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import pyarrow.parquet
        except ImportError as error:
            raise MissingExtra(
                "The data set is written as Parquet: pip install 'seollem[train]'"
            ) from error
        self._parquet = pyarrow.parquet
        self._folder = folder

    def begin(self, record: Mapping[str, Any]) -> None:
        """Start the data set, or go on with it.

        Raises:
            SettingsError: it was begun otherwise.
        """
        path = self._folder / RECORD
        if path.exists():
            if (begun := self.record) != record:
                differing = sorted(key for key in record if begun.get(key) != record[key])
                raise SettingsError(
                    f"{self._folder} was begun with another {', '.join(differing)}. "
                    "Use another --out."
                )
            return
        (self._folder / "data").mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
        replace(path, text.encode())

    @property
    def record(self) -> dict[str, Any]:
        """How the rows are made.

        Raises:
            DataError: this is no folder of a data set.
        """
        try:
            record: dict[str, Any] = json.loads((self._folder / RECORD).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(
                f"{self._folder} is no data set of annotate's ({RECORD} cannot be read)."
            ) from error
        return record

    @property
    def parts(self) -> tuple[Path, ...]:
        """The Parquet files, in order."""
        return tuple(sorted((self._folder / "data").glob("part-*.parquet")))

    def append(self, annotated: Annotated) -> None:
        """Write one more file, all of it or nothing.

        Raises:
            DataError: the disk does not take it.
        """
        last = int(self.parts[-1].stem.removeprefix("part-")) if self.parts else -1
        path = self._folder / "data" / f"part-{last + 1:05d}.parquet"
        record = self.record
        table = self._table(annotated.rows, schema(record["labels"], record["crops"]))
        metadata = {SKIPPED: json.dumps(annotated.skipped, ensure_ascii=False)}
        self.write(path, table.replace_schema_metadata({**table.schema.metadata, **metadata}))

    def write(self, path: Path, table: "pyarrow.Table") -> None:
        """Put a table in the place of a file, all of it or nothing.

        Raises:
            DataError: the disk does not take it.
        """
        partial = path.with_name(f".{path.name}.partial")
        try:
            self._parquet.write_table(table, partial, compression="zstd")
            os.replace(partial, path)
        except OSError as error:
            raise DataError(
                f"{path} cannot be written ({error}). What was done before is kept: make room and "
                "give the same command again."
            ) from error

    def tables(self, columns: Sequence[str] | None = None) -> Iterator["pyarrow.Table"]:
        """The files' rows, one file after the other.

        Raises:
            DataError: a file is damaged.
        """
        for path in self.parts:
            try:
                yield self._parquet.read_table(path, columns=columns)
            except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
                raise DataError(
                    f"{path} is damaged ({error}). Delete it; its photographs are then annotated "
                    "again by the same command."
                ) from error

    def rows(self, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """All rows; ``columns``: only some of their columns."""
        return [row for table in self.tables(columns) for row in table.to_pylist()]

    @property
    def skipped(self) -> Skipped:
        """The photographs that gave no row."""
        skipped = Skipped()
        for table in self.tables(["image"]):
            for reason, image in json.loads(table.schema.metadata[SKIPPED]):
                skipped.add(reason, image)
        return skipped

    def done(self) -> set[str]:
        """The photographs that need not be looked at again."""
        done = {place for places in self.skipped.places.values() for place in places}
        for table in self.tables(["image"]):
            done.update(table["image"].to_pylist())
        return done

    @staticmethod
    def _table(rows: list[dict[str, Any]], columns: "pyarrow.Schema") -> "pyarrow.Table":
        import pyarrow

        return pyarrow.Table.from_pylist(rows, schema=columns)


def schema(labels: Sequence[str], with_crops: bool) -> "pyarrow.Schema":
    """The columns; Hugging Face's ``datasets`` finds its own names of their types in the metadata.

    - image: path within the folder of photographs; sha256: of its file
    - face: 0 is the largest of the photograph
    - box: in pixels of the upright photograph; score: the detector's, in [0, 1]
    - label: the most probable one, null where there is none; abstained: then why
    - confidence: its probability; probabilities: over the labels, summing to 1
    - expression: over the eight emotions the model was trained on, summing to 1
    - reviewed: whether a person looked; corrected: what the person said, null for none of them
    - crop: PNG, as the model saw it, before its own scaling
    """
    import pyarrow as pa

    def shares(names: Sequence[str]) -> "pyarrow.DataType":
        return pa.struct([(name, pa.float32()) for name in names])

    columns: list[tuple[str, pyarrow.DataType]] = [
        ("image", pa.string()),
        ("sha256", pa.string()),
        ("face", pa.int32()),
        ("box", shares(BOX)),
        ("score", pa.float32()),
        ("label", pa.string()),
        ("confidence", pa.float32()),
        ("abstained", pa.string()),
        ("probabilities", shares(labels)),
        ("expression", shares(FACE_EMOTIONS)),
        ("reviewed", pa.bool_()),
        ("corrected", pa.string()),
    ]
    if with_crops:
        columns.append(("crop", pa.struct([("bytes", pa.binary()), ("path", pa.string())])))
    features = {name: _feature(kind) for name, kind in columns}
    return pa.schema(columns, {b"huggingface": json.dumps({"info": {"features": features}})})


def _feature(kind: "pyarrow.DataType") -> dict[str, Any]:
    import pyarrow as pa

    if not pa.types.is_struct(kind):
        return {"dtype": str(kind).replace("double", "float64"), "_type": "Value"}
    if kind.get_field_index("bytes") >= 0:
        return {"_type": "Image"}
    return {field.name: _feature(field.type) for field in kind}


def replace(path: Path, data: bytes) -> None:
    """Put bytes in the place of a file, all of them or nothing."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    os.replace(partial, path)
