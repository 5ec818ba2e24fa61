"""What ``seollem text`` and ``seollem weights`` prints: objects of JSON, or lines of a table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rich.table import Table

from seollem.cli.streams import json_text
from seollem.cli.terminal import pad, rendered
from seollem.scoring.affection import percent
from seollem.scoring.agreement import Agreement
from seollem.scoring.build_weights import describe
from seollem.scoring.emotions import display_name
from seollem.scoring.readings import MessageReading

SHOWN = 3  # emotions a message in the table
LABEL = 22  # columns


@dataclass(frozen=True, slots=True)
class MessageReport:
    """One message, what was read in it, and the affection in [-1, 1] that this makes."""

    text: str
    reading: MessageReading
    affection: float

    def as_json(self) -> str:
        """One line; emotions most probable first."""
        reading = self.reading
        report = {
            "text": self.text,
            "affection": round(self.affection, 4),
            "percent": round(percent(self.affection), 1),
            "emotions": {
                label: round(p, 4)
                for label, p in reading.emotions.top(len(reading.emotions)).items()
            },
            "present": list(reading.present),
            "conclusive": reading.is_conclusive,
            "model": reading.model,
        }
        return json_text(report)

    def as_row(self) -> str:
        """Affection, the most probable emotions, the text."""
        emotions = "  ".join(
            f"{pad(label, LABEL)} {p:4.0%}" for label, p in self.reading.emotions.top(SHOWN).items()
        )
        told = emotions if self.reading.is_conclusive else f"{emotions}  inconclusive"
        return f"{percent(self.affection):5.1f}  {told}  {self.text}"


@dataclass(frozen=True, slots=True)
class WeightsReport:
    """A table of label weights, by which encoder and method, and how it agrees."""

    encoder: str
    method: str
    weights: Mapping[str, float]
    cooccurrence: Mapping[str, float]
    agreement: Agreement | None

    def as_json(self) -> str:
        """One line; the greatest weight first."""
        report = {
            "encoder": self.encoder,
            "method": self.method,
            "agreement": self.agreement and asdict(self.agreement),
            "weights": {label: round(self.weights[label], 4) for label in self._order()},
        }
        return json_text(report)

    def as_table(self) -> str:
        """A row a label, the greatest weight first, and a sentence on the agreement."""
        table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="")
        table.add_column("emotion")
        table.add_column("weight", justify="right")
        table.add_column("co-occurrence", justify="right")
        table.add_column("")
        for label in self._order():
            phi = f"{self.cooccurrence[label]:.3f}" if label in self.cooccurrence else ""
            name = display_name(label, "en")
            known = name if name != label else ""
            table.add_row(label, f"{self.weights[label]:+.3f}", phi, known)
        lines = [rendered(table), f"encoder {self.encoder}, method {self.method}"]
        return "\n".join([*lines, describe(self.agreement)] if self.agreement else lines)

    def _order(self) -> list[str]:
        return sorted(self.weights, key=lambda label: -self.weights[label])
