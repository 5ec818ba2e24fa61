"""The granular data set on disk: Parquet files that are whole, whenever the work is stopped.

    OUT/data/part-00000.parquet …   rows, a face each
    OUT/annotation.json             how they are made; another run may not add what differs
    OUT/skipped.csv, OUT/README.md  written at the end from the files above

A Parquet file also tells, in its metadata, of the photographs that gave it no row: together they
are the record of what was done.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seollem.training.annotation.schema import schema
from seollem.training.annotation.worker import CANNOT_OPEN, Annotated
from seollem.training.errors import DataError, MissingExtra, SettingsError
from seollem.training.files.disk import replacing_file
from seollem.training.files.skipped import Skipped

if TYPE_CHECKING:
    import pyarrow

RECORD = "annotation.json"
SKIPPED = b"skipped"  # key of the metadata


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
            DataError: the folder cannot be made.
        """
        path = self._folder / RECORD
        if path.exists():
            if (begun := self.record) != record:
                keys = {**begun, **record}
                differing = sorted(key for key in keys if begun.get(key) != record.get(key))
                raise SettingsError(
                    f"{self._folder} was begun with another {', '.join(differing)}. "
                    "Use another --out."
                )
            return
        with replacing_file(path) as partial:
            (self._folder / "data").mkdir(exist_ok=True)
            partial.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")

    @property
    def record(self) -> dict[str, Any]:
        """How the rows are made.

        Raises:
            DataError: this is no folder of a data set.
        """
        try:
            record: dict[str, Any] = json.loads((self._folder / RECORD).read_text("utf-8"))
            schema(record["labels"], record["crops"])
        except (OSError, ValueError, KeyError, TypeError) as error:
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
        with replacing_file(path) as partial:
            self._parquet.write_table(table, partial, compression="zstd")

    def tables(self, columns: Sequence[str] | None = None) -> Iterator["pyarrow.Table"]:
        """The files' rows, one file after the other.

        Raises:
            DataError: a file is damaged, or none of this data set's.
        """
        record = self.record
        expected = schema(record["labels"], record["crops"])
        for path in self.parts:
            try:
                found = self._parquet.read_schema(path)
                if not found.equals(expected) or SKIPPED not in (found.metadata or {}):
                    raise ValueError("it has other columns than this data set")
                yield self._parquet.read_table(path, columns=columns and [*columns])
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
        """The photographs that gave no row, each with the last reason why."""
        skipped = Skipped()
        for image, reason in self._outcomes().items():
            if reason is not None:
                skipped.add(reason, image)
        return skipped

    def done(self) -> set[str]:
        """The photographs that need not be looked at again: all but those that did not open."""
        return {image for image, reason in self._outcomes().items() if reason != CANNOT_OPEN}

    def crops(self, rows: Collection[int]) -> dict[int, bytes]:
        """Row number → its face as PNG; reads one file at a time.

        Raises:
            DataError: a file is damaged.
        """
        crops: dict[int, bytes] = {}
        first = 0
        for table in self.tables(["crop"]):
            here = sorted(row for row in rows if first <= row < first + len(table))
            taken = table["crop"].take([row - first for row in here]).to_pylist()
            crops.update((row, crop["bytes"]) for row, crop in zip(here, taken, strict=True))
            first += len(table)
        return crops

    def _outcomes(self) -> dict[str, str | None]:
        """Photograph → why it gave no row; None where it gave some."""
        outcomes: dict[str, str | None] = {}
        for table in self.tables(["image"]):
            skipped = json.loads(table.schema.metadata[SKIPPED])
            outcomes.update((image, reason) for reason, image in skipped)
            outcomes.update(dict.fromkeys(table["image"].to_pylist()))
        return outcomes

    @staticmethod
    def _table(rows: list[dict[str, Any]], columns: "pyarrow.Schema") -> "pyarrow.Table":
        import pyarrow

        return pyarrow.Table.from_pylist(rows, schema=columns)
