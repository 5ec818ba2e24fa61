"""Label prior and temperature of a face model.

Batches are label-balanced, so the network's probabilities assume other label shares than those of
the photographs. t·log π − s·log q is added to the logits (logit adjustment, Menon et al. 2021): π
is a label's share in the training photographs, q its share in the batches. t favours common labels,
s rare ones. Of the pairs (t, s) that cost at most half a point of accuracy, the one with the
greatest sum of accuracy and UAR is chosen; then the temperature with the least negative
log-likelihood (Guo et al. 2017). All are chosen on PublicTest without its leaked rows.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seollem.training.data.faces import ANNOTATORS, FaceSet
from seollem.training.measure.metrics import accuracy, calibration_error, unweighted_recall

STRENGTHS = tuple(round(0.1 * i, 1) for i in range(11))
ACCURACY_TO_GIVE = 0.005
LEAST_SHARE = 1e-4  # a label that nobody used is rare, not impossible
TEMPERATURES = tuple(float(t) for t in np.geomspace(0.2, 10.0, 393))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was chosen for one annotator, with its figures on validation.

    ``common`` and ``rare`` are t and s; ``biases`` (L,) are already divided by ``temperature``.
    """

    common: float
    rare: float
    temperature: float
    biases: tuple[float, ...]
    accuracy: float
    uar: float
    ece: float


def priors(faces: FaceSet, annotator: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(π, q), each (L,): label shares in the training rows, and in label-balanced batches."""
    shares = faces.vote_shares.astype(np.float64)
    if annotator != "ferplus":
        truth = faces.truth(annotator)
        shares = np.eye(len(ANNOTATORS[annotator]))[truth] * (truth >= 0)[:, None]
    weights = 1.0 / np.bincount(faces.classes)[faces.classes]
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
    """Choose t and s, then the temperature with the least negative log-likelihood.

    Args:
        logits: (N, L) on validation rows.
        truth: (N,) label numbers.
        natural, balanced: π and q, (L,), positive.
    """
    found = []
    for common, rare in itertools.product(STRENGTHS, STRENGTHS):
        moved = logits + bias(common, rare, natural, balanced)
        probabilities = moved.softmax(dim=1).numpy()
        figures = accuracy(probabilities, truth), unweighted_recall(probabilities, truth)
        found.append((*figures, common, rare))
    least = max(point[0] for point in found) - ACCURACY_TO_GIVE
    right, uar, common, rare = max(
        (point for point in found if point[0] >= least), key=lambda point: point[0] + point[1]
    )
    offsets = bias(common, rare, natural, balanced)
    moved = (logits + offsets).double()
    target = torch.from_numpy(truth)
    temperature = min(
        TEMPERATURES,
        key=lambda t: float(torch.nn.functional.cross_entropy(moved / t, target)),
    )
    return Calibration(
        common=common,
        rare=rare,
        temperature=temperature,
        biases=tuple((offsets / temperature).tolist()),
        accuracy=right,
        uar=uar,
        ece=calibration_error((moved / temperature).softmax(dim=1).float().numpy(), truth),
    )


def bias(
    common: float, rare: float, natural: NDArray[np.float64], balanced: NDArray[np.float64]
) -> Tensor:
    """(L,) t·log π − s·log q, less its mean."""
    moved = common * np.log(natural) - rare * np.log(balanced)
    return torch.tensor(moved - moved.mean(), dtype=torch.float32)
