"""The formulas of affection. No torch, no I/O.

With probabilities p(ℓ) and label weights w(ℓ) in [-1, 1], turn t of T has the affection

    A_t = Σ_ℓ p_t(ℓ)·w(ℓ) / Σ_ℓ p_t(ℓ)

and the conversation, in which later turns weigh more,

    A = Σ_t (t/T)·A_t / Σ_t (t/T) = 2·S / (T·(T+1)),    S = Σ_t t·A_t.

Every affection lies in [-1, 1]. T and S are all that a conversation carries: adding a turn is
S ← S + (T+1)·A_{T+1}, and removing turn k is S ← S − k·A_k − Σ_{t>k} A_t, because each later turn
moves up by one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from seollem.scoring.errors import UnknownLabel

TREND_TURNS = 5  # at most so many of the latest turns are compared with as many before them
LEAST_TREND_TURNS = 2  # one turn beside another is no trend


def percent(affection: float) -> float:
    """Affection in [-1, 1] as people see it, in [0, 100]: 50 · (1 + A)."""
    return 50.0 * (1.0 + affection)


def turn_affection(emotions: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The affection A_t in [-1, 1] of one reading; 0.0 where no emotion has any probability.

    Args:
        emotions: label → probability in [0, 1]; they need not sum to 1.
        weights: label → weight in [-1, 1].

    Raises:
        UnknownLabel: an emotion has no weight.
    """
    whole = math.fsum(emotions.values())
    if whole == 0.0:
        return 0.0
    return math.fsum(p * _weight(label, weights) for label, p in emotions.items()) / whole


def _weight(label: str, weights: Mapping[str, float]) -> float:
    try:
        return weights[label]
    except KeyError:
        close = get_close_matches(label, weights, n=1)
        advice = f"did you mean {close[0]!r}?" if close else "read with labels that have one."
        raise UnknownLabel(f"There is no affection weight for {label!r}: {advice}", label) from None


@dataclass(frozen=True, slots=True)
class RunningMood:
    """A conversation's sums: ``turns`` T, ``weighted_sum`` S, and what rounding took from S.

    ``weighted_sum + lost`` is S to twice a double's precision, so that it stays the plain sum
    however many turns come and go. Changes return a new value.
    """

    turns: int = 0
    weighted_sum: float = 0.0
    lost: float = 0.0

    def add(self, affection: float) -> "RunningMood":
        """With one more turn at the end."""
        return self._changed(self.turns + 1, (self.turns + 1) * affection)

    def replace(self, number: int, old: float, new: float) -> "RunningMood":
        """With the affection of turn ``number`` changed from ``old`` to ``new``."""
        return self._changed(self.turns, number * new, -number * old)

    def remove(self, number: int, affection: float, later_sum: float) -> "RunningMood":
        """Without turn ``number``; ``later_sum`` is Σ A_t over the turns after it."""
        if self.turns == 1:
            return RunningMood()
        return self._changed(self.turns - 1, -number * affection, -later_sum)

    def _changed(self, turns: int, *terms: float) -> "RunningMood":
        parts = (self.weighted_sum, self.lost, *terms)
        total = math.fsum(parts)  # exact, then rounded once
        return RunningMood(turns, total, math.fsum((*parts, -total)))

    @property
    def affection(self) -> float:
        """The conversation's affection A in [-1, 1]; 0.0 without turns."""
        if self.turns == 0:
            return 0.0
        mean = 2.0 * self.weighted_sum / (self.turns * (self.turns + 1))
        return min(1.0, max(-1.0, mean))  # a last digit's rounding must not leave the range

    @property
    def total(self) -> float:
        """The unnormalised sum Σ_t (t/T)·A_t; 0.0 without turns."""
        return self.weighted_sum / self.turns if self.turns else 0.0


def conversation_affection(affections: Sequence[float]) -> float:
    """The affection A in [-1, 1] of a conversation from its turns' affections, in their order."""
    weighted = math.fsum(t * affection for t, affection in enumerate(affections, start=1))
    return RunningMood(len(affections), weighted).affection


def trend(affections: Sequence[float]) -> float:
    """The mean of the latest affections less that of as many before them, in [-2, 2].

    Five of each, or halves of what there is; 0.0 where a half has fewer than two.
    """
    count = min(TREND_TURNS, len(affections) // 2)
    if count < LEAST_TREND_TURNS:
        return 0.0
    latest, before = affections[-count:], affections[-2 * count : -count]
    return (math.fsum(latest) - math.fsum(before)) / count


def moves(
    emotions: Mapping[str, float], weights: Mapping[str, float], other_probability: float = 0.0
) -> dict[str, float]:
    """How much each label moved the affection of one reading: p(ℓ)·w(ℓ) / Σp.

    ``other_probability`` is the sum of the probabilities that are not in ``emotions``. Where it is
    0, the moves sum to the reading's affection. A label without a weight moves nothing.
    """
    whole = math.fsum((*emotions.values(), other_probability))
    return {
        label: p * weights.get(label, 0.0) / whole if whole else 0.0
        for label, p in emotions.items()
    }


def shares(moved: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """How much each label moved the mean affection of some readings, strongest first.

    ``moved`` is what ``moves`` gave for each. Labels that moved nothing are left out.
    """
    by_label: dict[str, list[float]] = {}
    for reading in moved:
        for label, move in reading.items():
            if move:
                by_label.setdefault(label, []).append(move)
    means = {label: math.fsum(found) / len(moved) for label, found in by_label.items()}
    return dict(sorted(means.items(), key=lambda item: -abs(item[1])))
