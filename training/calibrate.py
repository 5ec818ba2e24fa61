"""How strongly a reading leans on how common an emotion is, and how sure it may be.

Batches were label-balanced, so the network's probabilities belong to a world where rare emotions
are common. They are moved by log(π^a / q): q is the share of each label in what was trained on, π
its share in the training photographs, and the strength a goes from 0 (every emotion equally
expected: kind to rare ones) to 1 (as common as in the photographs: kind to accuracy). This is
logit adjustment (Menon et al. 2021) with a strength. A temperature then makes the confidence true
(Guo et al. 2017). Both are chosen on PublicTest without its leaked rows.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.fer2013 import FaceSet
from training.metrics import accuracy, calibration_error, unweighted_recall

STRENGTHS = tuple(round(0.1 * i, 1) for i in range(11))
LEAST_SHARE = 1e-4  # a label that nobody used is rare, not impossible
TEMPERATURES = tuple(float(t) for t in np.geomspace(0.2, 10.0, 393))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was chosen for one annotator, and how each strength did on validation.

    ``curve`` holds (strength, accuracy, UAR); ``biases`` (L,) are already divided by temperature.
    """

    strength: float
    temperature: float
    biases: tuple[float, ...]
    ece: float
    curve: tuple[tuple[float, float, float], ...]


def priors(faces: FaceSet, annotator: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(π, q), each (L,): label shares in the training rows, and in label-balanced batches."""
    if annotator == "fer2013":
        natural = np.bincount(faces.labels) / len(faces)
        return np.maximum(natural, LEAST_SHARE), np.full(len(natural), 1 / len(natural))
    shares = faces.vote_shares.astype(np.float64)
    weights = 1.0 / np.bincount(faces.labels)[faces.labels]
    natural, balanced = shares.sum(axis=0), weights @ shares
    return (
        np.maximum(natural / natural.sum(), LEAST_SHARE),
        np.maximum(balanced / balanced.sum(), LEAST_SHARE),
    )


def calibrate(
    logits: Tensor,
    truth: NDArray[np.int64],
    natural: NDArray[np.float64],
    balanced: NDArray[np.float64],
) -> Calibration:
    """Choose strength (greatest accuracy + UAR), then temperature (least negative log-likelihood).

    Args:
        logits: (N, L) on validation rows.
        truth: (N,) label numbers.
        natural, balanced: π and q, (L,), positive.
    """
    curve = []
    for strength in STRENGTHS:
        read = (logits + bias(strength, natural, balanced)).softmax(dim=1).numpy()
        curve.append((strength, accuracy(read, truth), unweighted_recall(read, truth)))
    strength = max(curve, key=lambda point: point[1] + point[2])[0]
    moved = (logits + bias(strength, natural, balanced)).double()
    target = torch.from_numpy(truth)
    temperature = min(
        TEMPERATURES,
        key=lambda t: float(torch.nn.functional.cross_entropy(moved / t, target)),
    )
    return Calibration(
        strength=strength,
        temperature=temperature,
        biases=tuple((bias(strength, natural, balanced) / temperature).tolist()),
        ece=calibration_error((moved / temperature).softmax(dim=1).float().numpy(), truth),
        curve=tuple(curve),
    )


def bias(strength: float, natural: NDArray[np.float64], balanced: NDArray[np.float64]) -> Tensor:
    """(L,) log(π^a / q), less its mean."""
    moved = strength * np.log(natural) - np.log(balanced)
    return torch.tensor(moved - moved.mean(), dtype=torch.float32)
