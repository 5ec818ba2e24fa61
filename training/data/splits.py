"""Training, validation and test splits, for sources that lack some too."""

import dataclasses
import zlib
from collections.abc import Sequence

from seollem.training.data.faces import Split
from seollem.training.data.manifest import Row

PARTS = 20  # of the training rows, one becomes the split that is missing


def with_every_split(rows: Sequence[Row]) -> list[Row]:
    """The rows of one source, with the splits that it lacks.

    A source with a validation and no test split is AffectNet, whose test faces were never
    published: its validation faces are what the literature reports on, and become the test. A
    split that is still missing gets a twentieth of the training rows, chosen by their file names,
    so that everybody has the same.
    """
    present = {row.split for row in rows}
    if Split.PUBLIC in present and Split.PRIVATE not in present:
        moved = {Split.PUBLIC: Split.PRIVATE}
        rows = [dataclasses.replace(r, split=moved.get(r.split, r.split)) for r in rows]
        present = {row.split for row in rows}
    carved = {int(split): split for split in (Split.PUBLIC, Split.PRIVATE) if split not in present}
    return [
        dataclasses.replace(row, split=carved.get(_part(row), row.split))
        if row.split is Split.TRAINING
        else row
        for row in rows
    ]


def _part(row: Row) -> int:
    return zlib.crc32(f"{row.path.parent.name}/{row.path.name}".encode(errors="replace")) % PARTS
