"""Evaluators: functions of row numbers that yield figures of a classifier."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seollem.training.measure.figures import Evaluator
from seollem.training.measure.metrics import (
    accuracy,
    calibration_error,
    macro_f1,
    unweighted_recall,
)

# An annotator → the set of faces that its answers came with.
SETS = {"fer2013": "FER-2013", "ferplus": "FERPlus", "affectnet": "AffectNet"}

Probabilities = NDArray[np.float32]  # (N, L), rows summing to 1


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model predicts for the rows that one annotator labelled.

    Attributes:
        labels: L names, the annotator's.
        probabilities: (N, L) float32, rows summing to 1.
        truth: (N,) int64, label numbers.
    """

    annotator: str
    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]


def classification(probabilities: Probabilities, truth: NDArray[np.int64]) -> Evaluator:
    """Accuracy (WAR), UAR, macro-F1 and ECE; ``truth`` (N,) label numbers."""

    def evaluate(rows: NDArray[np.int64]) -> Iterator[tuple[str, float]]:
        read, true = probabilities[rows], truth[rows]
        yield "accuracy", accuracy(read, true)
        yield "UAR", unweighted_recall(read, true)
        yield "macro-F1", macro_f1(read, true)
        yield "ECE", calibration_error(read, true)

    return evaluate


def mean_of(scores: Mapping[str, NDArray[np.float64]]) -> Evaluator:
    """The means of scores, (N,) each, that every row has for itself."""

    def evaluate(rows: NDArray[np.int64]) -> Iterator[tuple[str, float]]:
        for metric, values in scores.items():
            yield metric, float(values[rows].mean())

    return evaluate
