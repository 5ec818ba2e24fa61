"""What vision hands over: plain, frozen values. Imports neither torch nor OpenCV."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Emotions(Mapping[str, float]):
    """An ordered mapping of label → probability, each finite and in [0, 1].

    A softmax reading sums to 1; a multi-label reading (messages) need not.

    Raises:
        ValueError: labels repeat, lengths differ, or a probability is outside [0, 1].
    """

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.probabilities):
            raise ValueError(f"{len(self.labels)} labels, {len(self.probabilities)} probabilities")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("a label stands twice in the same reading")
        for label, p in zip(self.labels, self.probabilities, strict=True):
            if not (math.isfinite(p) and 0.0 <= p <= 1.0):
                raise ValueError(f"probability of {label!r} is {p}, not in [0, 1]")

    @classmethod
    def of(cls, pairs: Mapping[str, float] | Iterable[tuple[str, float]]) -> "Emotions":
        """Build from a mapping or from (label, probability) pairs, in their order."""
        items = tuple(pairs.items() if isinstance(pairs, Mapping) else pairs)
        return cls(tuple(label for label, _ in items), tuple(float(p) for _, p in items))

    def __getitem__(self, label: str) -> float:
        try:
            return self.probabilities[self.labels.index(label)]
        except ValueError:
            raise KeyError(label) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def top(self, n: int) -> "Emotions":
        """The n most probable, most probable first; ties keep their order."""
        return Emotions.of(sorted(self.items(), key=lambda item: -item[1])[:n])


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright image; x, y is the top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class FaceReading:
    """One face: where it is, how sure the detector is (in [0, 1]), and what it shows.

    ``is_conclusive`` is False where the most probable emotion is too improbable to speak of.
    """

    box: Box
    score: float
    emotions: Emotions
    is_conclusive: bool


@dataclass(frozen=True, slots=True)
class SelfieReading:
    """All faces of a picture, largest first; ``faces[subject]`` is the sender's own."""

    faces: tuple[FaceReading, ...]
    subject: int
    model: str

    @property
    def face(self) -> FaceReading:
        """The subject's face."""
        return self.faces[self.subject]
