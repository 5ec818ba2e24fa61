"""What ``python -m scoring`` prints: objects of JSON, or lines of a table."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from seollem.scoring.affection import percent
from seollem.scoring.agreement import Agreement
from seollem.scoring.build_weights import describe
from seollem.scoring.emotions import display_name
from seollem.scoring.readings import MessageReading
from seollem.vision.reports import pad

SHOWN = 3  # emotions a message in the table
LABEL, WIDTH = 22, 26  # columns


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
        return json.dumps(report, ensure_ascii=False)

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
        return json.dumps(report, ensure_ascii=False)

    def rows(self) -> Iterator[str]:
        """A line a label, the greatest weight first, and a sentence on the agreement."""
        yield f"{pad('emotion', WIDTH)}  weight  co-occurrence"
        for label in self._order():
            phi = f"{self.cooccurrence[label]:13.3f}" if label in self.cooccurrence else ""
            name = display_name(label, "en")
            known = f"  {name}" if name != label else ""
            row = f"{pad(label, WIDTH)}  {self.weights[label]:+.3f}  {phi:13}{known}"
            yield row.rstrip()
        yield f"encoder {self.encoder}, method {self.method}"
        if self.agreement:
            yield describe(self.agreement)

    def _order(self) -> list[str]:
        return sorted(self.weights, key=lambda label: -self.weights[label])
