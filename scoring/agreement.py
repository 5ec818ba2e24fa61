"""How well a table of label weights agrees with what people feel together.

The reference is weights/kote_cooccurrence.json: for each label of KOTE (Jeon et al. 2022), how it
goes with five labels of affection in 10,000 comments that people labelled.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

REFERENCE = Path(__file__).parent / "weights" / "kote_cooccurrence.json"
CLEAR = 0.1  # a mean phi beyond ±this is clearly positive or negative


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement over the labels that both tables have.

    Attributes:
        labels: how many they are.
        spearman: rank correlation over all of them, in [-1, 1].
        spearman_positive: the same over those that the reference gives more than zero; None:
            fewer than two are, too few to rank.
        sign: the share, in [0, 1], of the clear ones that are on the reference's side of zero.
        wrong_side: the clear ones that are not.
    """

    labels: int
    spearman: float
    spearman_positive: float | None
    sign: float
    wrong_side: tuple[str, ...]


def load_cooccurrence() -> dict[str, float]:
    """KOTE label → mean phi coefficient with the labels of affection, in [-1, 1]."""
    weights: dict[str, float] = json.loads(REFERENCE.read_text("utf-8"))["mean_phi"]
    return weights


def agreement(weights: Mapping[str, float], reference: Mapping[str, float]) -> Agreement | None:
    """Compare two tables; None where they share fewer than three labels, too few to rank."""
    shared = [label for label in reference if label in weights]
    if len(shared) < 3:
        return None
    positive = [label for label in shared if reference[label] > 0]
    ranked = _column(weights, positive), _column(reference, positive)
    clear = [label for label in shared if abs(reference[label]) > CLEAR]
    wrong = tuple(label for label in clear if weights[label] * reference[label] <= 0)
    return Agreement(
        labels=len(shared),
        spearman=spearman(_column(weights, shared), _column(reference, shared)),
        spearman_positive=spearman(*ranked) if len(positive) > 1 else None,
        sign=1 - len(wrong) / len(clear) if clear else 1.0,
        wrong_side=wrong,
    )


def spearman(first: NDArray[np.floating[Any]], second: NDArray[np.floating[Any]]) -> float:
    """Rank correlation of (N,) and (N,), in [-1, 1]; 0 where one is constant."""
    a, b = ranks(first), ranks(second)
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread else 0.0


def ranks(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """(N,), 1 for the least … N; equal values share their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: NDArray[np.float64] = (ends - (counts - 1) / 2)[places]
    return found


def _column(table: Mapping[str, float], labels: Sequence[str]) -> NDArray[np.float64]:
    return np.array([table[label] for label in labels])
