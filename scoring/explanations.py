"""Why a turn scored as it did, and what moved the mood: numbers that add up. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seollem.scoring.affection import moves
from seollem.scoring.turns import Mood, Turn


@dataclass(frozen=True, slots=True)
class Factor:
    """One emotion of a turn.

    ``share`` is its part, in [0, 1], of all the turn's probabilities, which is its probability
    where they sum to 1; ``weight`` its affection weight in [-1, 1]; ``moved`` is share · weight, in
    units of affection.
    """

    label: str
    share: float
    weight: float
    moved: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the latest turn of a conversation scored as it did, and where the mood comes from.

    A turn remembers its most probable emotions, and of the others what they sum to; so what those
    moved is known as one number. ``rest`` is that number: the factors and it add up to the turn's
    affection. In the same way the mood's contributions and ``mood_rest`` add up to ``mean``, the
    plain mean affection of the ``latest`` turns that the contributions look at. Both also take up
    what changed where the label weights are others than when a turn was scored.

    ``before`` is the conversation's affection before the turn, None where it is the first.
    """

    turn: Turn
    mood: Mood
    before: float | None
    factors: tuple[Factor, ...]  # those that moved most first
    rest: float
    latest: int
    mean: float
    mood_rest: float


def explain(
    turns: Sequence[Turn], mood: Mood, before: float | None, weights: Mapping[str, float]
) -> Explanation:
    """Explain the last of ``turns``, which are those that the mood's contributions look at."""
    turn = turns[-1]
    whole = math.fsum((*turn.emotions.values(), turn.rest))
    factors = [
        Factor(
            label=label,
            share=turn.emotions[label] / whole if whole else 0.0,
            weight=weights.get(label, 0.0),
            moved=moved,
        )
        for label, moved in moves(turn.emotions, weights, turn.rest).items()
    ]
    mean = math.fsum(turn.affection for turn in turns) / len(turns)
    return Explanation(
        turn=turn,
        mood=mood,
        before=before,
        factors=tuple(sorted(factors, key=lambda factor: -abs(factor.moved))),
        rest=turn.affection - math.fsum(factor.moved for factor in factors),
        latest=len(turns),
        mean=mean,
        mood_rest=mean - math.fsum(c.share for c in mood.contributions),
    )
