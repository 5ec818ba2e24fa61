"""Temperature and thresholds of a message reader, from rows that it did not learn from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seollem.training.measure.multilabel import expected_thresholds, sigmoid

SCALES = np.exp(np.linspace(np.log(0.5), np.log(3.0), 60))


@dataclass(frozen=True, slots=True)
class TextCalibration:
    """``temperature`` divides the logits; ``thresholds`` (L,) are of the divided ones' sigmoids."""

    temperature: float
    thresholds: tuple[float, ...]


def calibrate_text(logits: NDArray[np.float32], truth: NDArray[np.float32]) -> TextCalibration:
    """The temperature of the least cross-entropy (Guo et al. 2017), then thresholds by expected F1.

    Args:
        logits: (N, L) of held-out rows.
        truth: (N, L), 0 or 1.
    """
    losses = [_cross_entropy(logits / scale, truth) for scale in SCALES]
    temperature = float(SCALES[int(np.argmin(losses))])
    thresholds = expected_thresholds(sigmoid(logits / temperature))
    return TextCalibration(round(temperature, 4), tuple(round(float(t), 2) for t in thresholds))


def _cross_entropy(logits: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    return float(np.mean(np.logaddexp(0.0, logits) - truth * logits))
