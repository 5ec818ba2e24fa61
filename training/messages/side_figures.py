"""How well the side of chat lines is read: warm, neutral or cold towards the reader."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.affection import percent, turn_affection
from seollem.scoring.emotions import KOTE
from seollem.scoring.label_weights import LabelWeights
from seollem.training.data.corpora import Sided, read_sides
from seollem.training.measure.figures import Figure, Measurement, measure
from seollem.training.measure.multilabel import auc

MIDDLE = 50.0
NEUTRAL = (40.0, 60.0)  # what a neutral line's score should lie between


def scores_of(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn affection (N,) in [0, 100] of probabilities (N, 44) in [0, 1] of KOTE's labels."""
    weights = LabelWeights.load()
    read = (dict(zip(KOTE, row, strict=True)) for row in probabilities.tolist())
    return np.array([percent(turn_affection(row, weights)) for row in read], np.float32)


def side_figures(
    probabilities: NDArray[np.float32], affection: NDArray[np.float32]
) -> dict[str, float]:
    """The share of sign errors, the AUC of warm over cold, and of neutral lines within 40-60.

    Args:
        probabilities: (N, 44) in [0, 1], KOTE's labels.
        affection: (N,) the lines' own: above 0 is warm, below 0 is cold.
    """
    return figures_of(scores_of(probabilities), affection)


def figures_of(scores: NDArray[np.float32], affection: NDArray[np.float32]) -> dict[str, float]:
    """``side_figures`` of scores (N,) in [0, 100]."""
    sided, neutral = affection != 0, scores[affection == 0]
    is_wrong = _side(scores[sided]) * affection[sided] <= 0
    within = (neutral >= NEUTRAL[0]) & (neutral <= NEUTRAL[1])
    figures = {
        "sign errors": float(is_wrong.mean()),
        "auc warm over cold": auc(scores[sided], affection[sided] > 0),
        "neutral within 40-60": float(within.mean()) if len(neutral) else float("nan"),
    }
    return {name: round(value, 4) for name, value in figures.items()}


def side_lines(
    read: Callable[[tuple[str, ...]], NDArray[np.float32]],
) -> Iterator[tuple[str, str, Figure]]:
    """(what was read, metric, figure) of the test lines: by language, side and kind, and together.

    Args:
        read: N texts → (N, 44) probabilities of KOTE's labels.
    """
    lines = read_sides("test")
    scores = {"Korean": scores_of(read(lines.left)), "English": scores_of(read(lines.right))}
    for language, given in scores.items():
        evaluator = partial(_resampled, given, lines.affection)
        found = measure(Measurement("sides", language, len(lines), evaluator))
        for metric, figure in found.figures.items():
            yield f"Sides, {language}, {len(lines)} lines", metric, figure
        yield from _by_side(language, given, lines)
        yield from _by_kind(language, given, lines)
    agree = np.sign(_side(scores["Korean"])) == np.sign(_side(scores["English"]))
    sided = lines.affection != 0
    yield "Sides, Korean and English", "same side", Figure.exact(float(agree[sided].mean()))


def _resampled(
    scores: NDArray[np.float32], affection: NDArray[np.float32], rows: NDArray[np.int64]
) -> Iterator[tuple[str, float]]:
    yield from figures_of(scores[rows], affection[rows]).items()


def _by_side(
    language: str, scores: NDArray[np.float32], lines: Sided
) -> Iterator[tuple[str, str, Figure]]:
    for name, sign in (("warm", 1), ("neutral", 0), ("cold", -1)):
        some = scores[np.sign(lines.affection) == sign]
        yield f"Sides, {language}, {name}", "mean score of 100", Figure.exact(float(some.mean()))


def _by_kind(
    language: str, scores: NDArray[np.float32], lines: Sided
) -> Iterator[tuple[str, str, Figure]]:
    kinds = np.array(lines.kinds)
    for kind in dict.fromkeys(lines.kinds):
        own, affection = scores[kinds == kind], lines.affection[kinds == kind]
        is_right = np.where(
            affection == 0,
            (own >= NEUTRAL[0]) & (own <= NEUTRAL[1]),
            _side(own) * affection > 0,
        )
        yield (
            f"Sides, {language}, {kind}, {len(own)} lines",
            "right",
            Figure.exact(float(is_right.mean())),
        )


def _side(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    return scores - np.float32(MIDDLE)
