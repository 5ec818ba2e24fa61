"""Figures of multi-label predictions, and the thresholds that turn probabilities into labels."""

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.agreement import ranks
from seollem.scoring.emotions import KOTE, NEW_EMOTIONS
from seollem.training.measure.rankings import TOP, top

NEW = np.array([KOTE.index(label) for label in NEW_EMOTIONS])
GRID = np.linspace(0.02, 0.9, 89)  # of thresholds


def label_figures(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.float32],
    thresholds: NDArray[np.float64] | float = 0.5,
) -> dict[str, float]:
    """Macro-F1, micro-F1, AUC (mean over labels), and for KOTE recall@5 over the new emotions.

    Args:
        probabilities: (N, L) in [0, 1].
        truth: (N, L), 0 or 1.
        thresholds: of each label, (L,), or of all.
    """
    is_predicted, is_true = probabilities >= thresholds, truth > 0.5
    hits = (is_predicted & is_true).sum(axis=0)
    both = is_predicted.sum(axis=0) + is_true.sum(axis=0)
    figures = {
        "macro_f1": float(np.mean(2 * hits / np.maximum(both, 1))),
        "micro_f1": float(2 * hits.sum() / max(both.sum(), 1)),
        "auc": float(np.mean([auc(p, t) for p, t in zip(probabilities.T, is_true.T, strict=True)])),
    }
    if probabilities.shape[1] == len(KOTE):
        figures["recall_at_5"] = recall_at(TOP, probabilities[:, NEW], is_true[:, NEW])
    return {name: round(value, 4) for name, value in figures.items()}


def auc(scores: NDArray[np.float32], is_true: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties counted half; 0.5 where one class is missing."""
    positives = int(is_true.sum())
    negatives = len(is_true) - positives
    if not positives or not negatives:
        return 0.5
    whole = ranks(scores)[is_true].sum()
    return float((whole - positives * (positives + 1) / 2) / (positives * negatives))


def recall_at(count: int, scores: NDArray[np.float32], is_true: NDArray[np.bool_]) -> float:
    """Mean share of a row's true labels among its ``count`` highest; others are left out."""
    some = is_true.any(axis=1)
    found = np.take_along_axis(is_true[some], top(scores[some], count), axis=1).sum(axis=1)
    return float(np.mean(found / is_true[some].sum(axis=1)))


def expected_thresholds(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Each label's threshold of the greatest expected F1, (L,), by the probabilities alone.

    Calibrated probabilities give the expected hits and misses of a threshold (Lewis 1995; Ye et al.
    2012). For a rare label the truth of a few hundred rows would be too noisy.

    Args:
        probabilities: (N, L) in [0, 1], of held-out rows.
    """
    is_predicted = probabilities[:, :, None] >= GRID
    hits = np.einsum("nl,nlg->lg", probabilities.astype(np.float64), is_predicted)
    wanted = probabilities.sum(axis=0, dtype=np.float64)[:, None]
    f1 = 2 * hits / np.maximum(is_predicted.sum(axis=0) + wanted, 1e-9)
    return np.asarray(GRID[f1.argmax(axis=1)])


def best_thresholds(
    probabilities: NDArray[np.float32], truth: NDArray[np.float32], *, prior: float
) -> NDArray[np.float64]:
    """Each label's threshold of the greatest F1, (L,), shrunk towards that of all labels together.

    ``prior`` rows of all labels' mean counts are added to each label's own counts, since those of a
    label with few positives are noisy.
    """
    is_true = truth[:, :, None] > 0.5
    is_predicted = probabilities[:, :, None] >= GRID
    hits = (is_predicted & is_true).sum(axis=0).astype(float)
    calls = is_predicted.sum(axis=0).astype(float)
    wanted = is_true.sum(axis=0).astype(float)  # (L, 1)
    share = prior / max(len(truth), 1)
    hits += share * hits.mean(axis=0)
    calls += share * calls.mean(axis=0)
    wanted = wanted + share * wanted.mean(axis=0)
    f1 = 2 * hits / np.maximum(calls + wanted, 1e-9)
    return np.asarray(GRID[f1.argmax(axis=1)])


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 / (1 + e^−x)."""
    return np.asarray(1.0 / (1.0 + np.exp(-logits.astype(np.float64))), np.float32)
