"""Figures of a classifier: each is (name, value), in [0, 1] unless said otherwise."""

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15


def accuracy(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Share of rows whose most probable label is the true one (weighted average recall)."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def recalls(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[int, float]:
    """True label → share of its rows that are found, for the labels that occur."""
    hits = probabilities.argmax(axis=1) == labels
    return {int(label): float(hits[labels == label].mean()) for label in np.unique(labels)}


def unweighted_recall(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """UAR: the mean recall over the labels that occur, each counting the same."""
    return float(np.mean(list(recalls(probabilities, labels).values())))


def macro_f1(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The mean F1 over the labels that occur."""
    table = confusion(probabilities, labels)
    present = np.unique(labels)
    hits = table.diagonal()[present]
    f1 = 2 * hits / (table.sum(axis=0)[present] + table.sum(axis=1)[present])
    return float(f1.mean())


def reliability(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each of 15 equal bins of confidence that holds a row: the mean confidence, the share of
    rows that are right, and the share of all rows."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    hits = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    counts = np.bincount(bins, minlength=ECE_BINS)
    used = counts > 0
    means = np.bincount(bins, confidence, ECE_BINS)[used] / counts[used]
    right = np.bincount(bins, hits, ECE_BINS)[used] / counts[used]
    return means, right, counts[used] / len(labels)


def calibration_error(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """ECE: mean |accuracy - confidence| over 15 equal bins of confidence (Guo et al. 2017)."""
    confidence, right, share = reliability(probabilities, labels)
    return float(np.abs(right - confidence) @ share)


def confusion(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """(L, L) counts: rows are true labels, columns predicted labels."""
    size = probabilities.shape[1]
    table = np.zeros((size, size), np.int64)
    np.add.at(table, (labels, probabilities.argmax(axis=1)), 1)
    return table
