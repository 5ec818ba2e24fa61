"""Which faces a person should look at, and how they look."""

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scoring.emotions import display_name
from training.annotations import Annotations
from training.contact_sheet import FACE, Tile, contact_sheet
from training.corrections import Line
from training.errors import DataError
from vision.errors import SelfieError
from vision.images import DEFAULT_LIMITS, RGB, Picture

SIDE_PER_BOX = 1.3  # of what is shown around a face


class Sheets:
    """The sheets of a data set, and the faces on them.

    Args:
        images: folder of the photographs; used where the data set holds no crops.

    Raises:
        DataError: it has no face.
    """

    def __init__(self, annotations: Annotations, images: Path) -> None:
        import pyarrow

        self._labels: list[str] = annotations.record["labels"]
        tables = list(annotations.tables())
        if not sum(map(len, tables)):
            raise DataError("The data set holds no face to look at.")
        self._table = pyarrow.concat_tables(tables)
        self._images = images
        self._numbers: dict[int, int] = {}  # row → its number on the sheets
        columns = self._table["probabilities"].combine_chunks().flatten()
        self._shares: NDArray[np.float32] = np.stack([c.to_numpy() for c in columns], axis=1)

    @property
    def lines(self) -> list[Line]:
        """The faces on the sheets drawn so far, by their numbers."""
        return [self._line(row, number) for row, number in self._numbers.items()]

    def draw(self, faces: int) -> Iterator[tuple[str, Image.Image]]:
        """A file name and a picture for each label, with at most ``faces`` a group."""
        top = self._shares.argmax(axis=1)
        for place, label in enumerate(self._labels):
            confidence = self._shares[:, place]
            given = np.flatnonzero(top == place)
            least = given[np.argsort(confidence[given], kind="stable")]
            groups = {
                "Surest": np.argsort(-confidence, kind="stable"),
                f"Least sure of the {len(given):,} that it is likeliest for": least,
            }
            english = display_name(label, "en")
            in_a_name = re.sub(r"\W+", "-", label).strip("-")
            yield (
                f"{place + 1:02d}-{in_a_name}.png",
                contact_sheet(
                    label if english == label else f"{label}  ({english})",
                    [
                        (heading, [self._tile(row, confidence) for row in rows[:faces].tolist()])
                        for heading, rows in groups.items()
                    ],
                ),
            )

    def _tile(self, row: int, confidence: NDArray[np.float32]) -> Tile:
        number = self._numbers.setdefault(row, len(self._numbers) + 1)
        return Tile(number, float(confidence[row]), self._crop(self._row(row)))

    def _line(self, row: int, number: int) -> Line:
        values = self._row(row)
        return Line(
            number=number,
            image=values["image"],
            face=values["face"],
            label=self._labels[int(self._shares[row].argmax())],
            confidence=values["confidence"],
            abstained=values["abstained"] or "",
        )

    def _row(self, row: int) -> dict[str, Any]:
        values: dict[str, Any] = self._table.slice(row, 1).to_pylist()[0]
        return values

    def _crop(self, row: dict[str, Any]) -> RGB | None:
        """The face's pixels, or None where the photograph is gone or another one now."""
        if "crop" in row:
            with Image.open(io.BytesIO(row["crop"]["bytes"]), formats=("PNG",)) as crop:
                return np.asarray(crop.convert("RGB"))
        try:
            with (self._images / row["image"]).open("rb") as file:
                data = file.read(DEFAULT_LIMITS.max_bytes)
            if hashlib.sha256(data).hexdigest() != row["sha256"]:
                return None
            pixels = Picture(data).decode()
        except (OSError, ValueError, SelfieError):  # ValueError: a name with a zero byte
            return None
        return _around(pixels, row["box"])


def _around(pixels: RGB, box: dict[str, float]) -> RGB:
    from vision.crops import cut  # loads OpenCV
    from vision.geometry import Square

    side = SIDE_PER_BOX * max(box["width"], box["height"])
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return cut(pixels, Square(x, y, side, 0.0), FACE)
