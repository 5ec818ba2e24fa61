"""How good a ranking of labels is, a score for every row in [0, 1]."""

import numpy as np
from numpy.typing import NDArray

TOP = 5


def top(scores: NDArray[np.floating], k: int = TOP) -> NDArray[np.int64]:
    """(N, L) → (N, k): the columns with the greatest scores, greatest first; ties to the left."""
    order: NDArray[np.int64] = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return order


def recall_at(
    scores: NDArray[np.floating], relevance: NDArray[np.floating], k: int = TOP
) -> NDArray[np.float64]:
    """(N,): share of the k most relevant labels that are among the k highest scores."""
    ranked, wanted = top(scores, k), top(relevance, k)
    share: NDArray[np.float64] = (ranked[:, :, None] == wanted[:, None, :]).any(axis=2).mean(axis=1)
    return share


def hit_at(
    scores: NDArray[np.floating], relevance: NDArray[np.floating], k: int = TOP
) -> NDArray[np.float64]:
    """(N,): 1 where the most relevant label is among the k highest scores (top-k accuracy)."""
    hits: NDArray[np.float64] = (top(scores, k) == top(relevance, 1)).any(axis=1).astype(np.float64)
    return hits


def ndcg_at(
    scores: NDArray[np.floating], relevance: NDArray[np.floating], k: int = TOP
) -> NDArray[np.float64]:
    """(N,): discounted gain of the k highest scores over the best possible one (nDCG; Järvelin &
    Kekäläinen 2002). ``relevance`` (N, L), at least 0, some of it positive in every row."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    gained = np.take_along_axis(relevance, top(scores, k), axis=1) @ discounts
    best = np.take_along_axis(relevance, top(relevance, k), axis=1) @ discounts
    score: NDArray[np.float64] = gained / best
    return score
