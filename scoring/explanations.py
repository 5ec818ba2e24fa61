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

    A turn keeps its most probable emotions, and only the sum of the others. So the factors add up
    to the turn's affection, and the mood's contributions to ``mean``, except for what the others
    moved and for label weights that changed after a turn was scored.

    Attributes:
        before: the conversation's affection before the turn; None for its first turn.
        factors: the turn's emotions, those that moved most first.
        latest: number of turns that the mood's contributions look at.
        mean: plain mean affection of these turns.
    """

    turn: Turn
    mood: Mood
    before: float | None
    factors: tuple[Factor, ...]
    latest: int
    mean: float


def explain(
    turns: Sequence[Turn], mood: Mood, before: float | None, weights: Mapping[str, float]
) -> Explanation:
    """Explain the last of ``turns``, which are those that the mood's contributions look at."""
    turn = turns[-1]
    whole = math.fsum((*turn.emotions.values(), turn.other_probability))
    factors = [
        Factor(
            label=label,
            share=turn.emotions[label] / whole if whole else 0.0,
            weight=weights.get(label, 0.0),
            moved=moved,
        )
        for label, moved in moves(turn.emotions, weights, turn.other_probability).items()
    ]
    return Explanation(
        turn=turn,
        mood=mood,
        before=before,
        factors=tuple(sorted(factors, key=lambda factor: -abs(factor.moved))),
        latest=len(turns),
        mean=math.fsum(turn.affection for turn in turns) / len(turns),
    )
