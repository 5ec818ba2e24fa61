"""A classifier without a model: what it reads follows from the pixels, and it keeps the crops."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from seollem.vision.analyzer import SelfieAnalyzer
from seollem.vision.classifier import EmotionClassifier
from seollem.vision.detector import FaceDetector
from seollem.vision.readings import Emotions


class StandInClassifier:
    """Stands in for ``EmotionClassifier``.

    The brighter a crop, the more its probability gathers on the first label.
    """

    model_id = "stand-in"
    labels = ("neutral", "happiness", "surprise")
    crop_size = 48
    conclusive_at = 0.4

    def __init__(self) -> None:
        self.crops: list[NDArray[np.uint8]] = []

    @classmethod
    def from_pretrained(cls, *_: Any, **__: Any) -> "StandInClassifier":
        return cls()

    def read(
        self, crops: Sequence[NDArray[np.uint8]], labels: Sequence[str] | None = None
    ) -> tuple[Emotions, ...]:
        labels = tuple(self.labels if labels is None else labels)
        self.crops.extend(crops)
        return tuple(_emotions(labels, float(crop.mean()) / 255) for crop in crops)


def analyzer_with(
    classifier: StandInClassifier, detector: FaceDetector, **settings: Any
) -> SelfieAnalyzer:
    """The real analyzer, with the stand-in for its model."""
    reads = cast("EmotionClassifier", classifier)
    return SelfieAnalyzer(classifier=reads, detector=detector, **settings)


def _emotions(labels: tuple[str, ...], brightness: float) -> Emotions:
    weights = [1 + brightness * (len(labels) - n) ** 2 for n in range(len(labels))]
    return Emotions(labels, tuple(weight / sum(weights) for weight in weights))
