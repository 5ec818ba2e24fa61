"""What ``seollem vision`` prints of a picture: an object of JSON, or lines of a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from seollem.cli.streams import json_text
from seollem.cli.terminal import pad
from seollem.vision.readings import FaceReading

SHOWN = 3  # emotions a face in the table
GAP = "  "


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one picture.

    ``faces`` are largest first; ``subject`` is the index of the sender's own face, None where that
    is open. ``error`` tells why there is no reading, or none of one person.
    """

    image: str
    model: str
    faces: tuple[FaceReading, ...] = ()
    subject: int | None = None
    error: Exception | None = None

    def as_json(self) -> str:
        """One line: image, model, faces, error."""
        faces: list[dict[str, Any]] = [
            {
                "box": [round(x, 1) for x in (f.box.x, f.box.y, f.box.width, f.box.height)],
                "score": round(f.score, 4),
                "subject": number == self.subject,
                "conclusive": f.is_conclusive,
                "emotions": dict(f.emotions),
            }
            for number, f in enumerate(self.faces)
        ]
        error = self.error and {"type": type(self.error).__name__, "message": message(self.error)}
        report = {"image": self.image, "model": self.model, "faces": faces, "error": error}
        return json_text(report)


class Table:
    """A table that is printed while it grows; its widths follow from the names to come.

    Args:
        images: the pictures' names.
        labels: the emotions.
    """

    def __init__(self, images: Sequence[str], labels: Sequence[str]) -> None:
        self._image = max(map(cell_len, ("image", *images)))
        self._label = max(map(cell_len, labels))
        self._shown = min(SHOWN, len(labels))

    def header(self) -> str:
        """The first line."""
        return self._line("image", "x, y", "width × height", "", "emotions")

    def rows(self, report: Report) -> Iterator[str]:
        """One line a face, and one for the error."""
        for number, face in enumerate(report.faces):
            who = "subject" if number == report.subject else ""
            cells = [
                f"{pad(label, self._label)} {p:4.0%}"
                for label, p in face.emotions.top(self._shown).items()
            ]
            if not face.is_conclusive:
                cells.append("inconclusive")
            box = face.box
            place, size = f"{box.x:.0f}, {box.y:.0f}", f"{box.width:.0f} × {box.height:.0f}"
            yield self._line(report.image, place, size, who, GAP.join(cells))
        if report.error:
            yield pad(report.image, self._image) + GAP + message(report.error)

    def _line(self, image: str, place: str, size: str, who: str, emotions: str) -> str:
        cells = (pad(image, self._image), f"{place:10}", f"{size:14}", f"{who:7}", emotions)
        return GAP.join(cells).rstrip()


def message(error: Exception) -> str:
    """The error in a sentence; the system's errors without number and path."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}."
    return str(error)
