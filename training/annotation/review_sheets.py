"""Which faces a person should look at, and how they look."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seollem.scoring.emotions import display_name
from seollem.training.annotation.contact_sheet import FACE, Tile, contact_sheet
from seollem.training.annotation.corrections import Line
from seollem.training.annotation.dataset import Annotations
from seollem.training.errors import DataError
from seollem.vision.errors import SelfieError
from seollem.vision.images import DEFAULT_LIMITS, RGB, Picture

SIDE_PER_BOX = 1.3  # of what is shown around a face
COLUMNS = ("image", "sha256", "face", "box", "confidence", "abstained", "probabilities")
LONGEST_NAME = 40  # characters of a label in the name of its sheet


class Sheets:
    """The sheets of a data set, and the faces on them.

    Args:
        images: folder of the photographs; used where the data set holds no crops.

    Raises:
        DataError: it has no face.
    """

    def __init__(self, annotations: Annotations, images: Path) -> None:
        import pyarrow

        self._annotations = annotations
        self._labels: list[str] = annotations.record["labels"]
        self._has_crops: bool = annotations.record["crops"]
        tables = list(annotations.tables(COLUMNS))
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
        groups = [self._groups(place, faces) for place in range(len(self._labels))]
        crops: dict[int, bytes] = {}
        if self._has_crops:
            shown = {row for group in groups for rows in group.values() for row in rows}
            crops = self._annotations.crops(shown)
        for place, label in enumerate(self._labels):
            english = display_name(label, "en")
            in_a_name = re.sub(r"\W+", "-", label)[:LONGEST_NAME].strip("-")
            yield (
                f"{place + 1:02d}-{in_a_name}.png",
                contact_sheet(
                    label if english == label else f"{label}  ({english})",
                    [
                        (heading, [self._tile(row, place, crops.get(row)) for row in rows])
                        for heading, rows in groups[place].items()
                    ],
                ),
            )

    def _groups(self, place: int, faces: int) -> dict[str, list[int]]:
        """Heading → rows, for the label at ``place``."""
        confidence = self._shares[:, place]
        given = np.flatnonzero(self._shares.argmax(axis=1) == place)
        surest = np.argsort(-confidence, kind="stable")
        least = given[np.argsort(confidence[given], kind="stable")]
        return {
            "Surest": surest[:faces].tolist(),
            f"Least sure of the {len(given):,} that it is likeliest for": least[:faces].tolist(),
        }

    def _tile(self, row: int, place: int, crop: bytes | None) -> Tile:
        number = self._numbers.setdefault(row, len(self._numbers) + 1)
        return Tile(number, float(self._shares[row, place]), self._face(self._row(row), crop))

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

    def _face(self, row: dict[str, Any], crop: bytes | None) -> RGB | None:
        """A face's pixels, or None where the photograph is gone or another one now."""
        try:
            if crop is not None:
                return Picture(crop).decode()
            with (self._images / row["image"]).open("rb") as file:
                data = file.read(DEFAULT_LIMITS.max_bytes)
            if hashlib.sha256(data).hexdigest() != row["sha256"]:
                return None
            return _around(Picture(data).decode(), row["box"])
        except (OSError, ValueError, ArithmeticError, SelfieError):  # a name, or a box, of nonsense
            return None


def _around(pixels: RGB, box: dict[str, float]) -> RGB:
    from seollem.vision.crops import cut  # loads OpenCV
    from seollem.vision.geometry import Square

    side = SIDE_PER_BOX * max(box["width"], box["height"])
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return cut(pixels, Square(x, y, side, 0.0), FACE)
