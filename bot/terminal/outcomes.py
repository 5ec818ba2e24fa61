"""What came of one line in the terminal: plain, frozen values, and how they look as JSON.

An outcome is one object a line: ``{"turn", "source", "affection", "percent", "emotions",
"conversation": {"turns", "affection", "percent"}, "error": null | {"type", "message"}}``. ``turn``
is null where nothing was recorded or listed; ``/mood`` then carries the conversation's own
affection. "conversation" is its state after the line, on every line: without a conversation its
turns are 0, and where the memory cannot be reached they are null. Where of a picture and the words
beside it only one gave a reading, there is both a turn and an error. Some commands add a key of
their own: "text", "why", "export". Figures have four decimals, and in "why" add up with them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from seollem.bot.terminal.screen import plain
from seollem.bot.wording.failures import answer
from seollem.bot.wording.halves import Problem, unread_half
from seollem.bot.wording.rounding import SHOWN, rounded
from seollem.scoring.affection import percent
from seollem.scoring.explanations import Explanation
from seollem.scoring.fusion import Reading
from seollem.scoring.turns import Mood, Turn
from seollem.vision.readings import Emotions


@dataclass(frozen=True, slots=True)
class Unknown:
    """A conversation's state while the memory cannot be reached."""


State = Mood | Unknown | None  # None: no conversation


@dataclass(frozen=True, slots=True)
class Scored:
    """A selfie, a message or both became a turn; ``problem``: why one half gave no reading."""

    reading: Reading
    turn: Turn
    mood: Mood
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class MoodShown:
    """The conversation's state and its latest turns, oldest first; None: no conversation."""

    mood: Mood | None
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class HistoryShown:
    """The conversation's latest turns, oldest first."""

    mood: Mood | None
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why the latest turn scored as it did, and where the mood comes from."""

    why: Explanation


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence or more, and the conversation's state."""

    words: str
    state: State


@dataclass(frozen=True, slots=True)
class Exported:
    """Everything that is kept about the person, JSON-ready, and the conversation's state."""

    data: dict[str, Any]
    state: State


@dataclass(frozen=True, slots=True)
class Left:
    """The person has left; nothing is said."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong, with what kind of line, and the conversation's state."""

    source: str
    error: Exception
    state: State


Outcome = Scored | MoodShown | HistoryShown | Explained | Said | Exported | Left | Failed


def as_json(outcome: Outcome, locale: str) -> list[dict[str, Any]]:
    """One JSON-ready object; for a history, one a turn if there are any."""
    match outcome:
        case Scored(reading, turn, mood, problem):
            scored = _object(mood, turn=turn, emotions=reading.emotions)
            if problem is not None:
                scored["error"] = _error(problem, unread_half(problem, turn.source, locale))
            return [scored]
        case MoodShown(mood):
            return [_object(mood, affection=mood.affection if mood else None)]
        case HistoryShown(mood, ()):
            return [_object(mood)]
        case HistoryShown(mood, turns):
            return [_object(mood, turn=turn, emotions=turn.emotions) for turn in turns]
        case Explained(why):
            explained = _object(why.mood, turn=why.turn, emotions=why.turn.emotions)
            return [explained | {"why": _why(why)}]
        case Said(words, state):
            return [_object(state) | {"text": plain(words)}]
        case Exported(data, state):
            return [_object(state) | {"export": data}]
        case Left():
            return []
        case Failed(source, error, state):
            failed = _object(state, source=source)
            return [failed | {"error": _error(error, answer(error, locale))}]


def _why(why: Explanation) -> dict[str, Any]:
    """What moved the turn, and what moved the latest turns on average.

    The rests take up what the others' rounding leaves, so that both add up as they are shown.
    """
    factors = {
        factor.label: {"share": factor.share, "weight": factor.weight, "moved": factor.moved}
        for factor in why.factors
    }
    told = {
        "emotions": factors,
        "rest": _rest(why.turn.affection, (factor.moved for factor in why.factors)),
        "before": why.before,
        "mood": {
            "turns": why.latest,
            "mean": why.mean,
            "emotions": {c.label: c.share for c in why.mood.contributions},
            "rest": _rest(why.mean, (c.share for c in why.mood.contributions)),
        },
    }
    return dict(rounded(told, SHOWN))


def _rest(whole: float, parts: Iterable[float]) -> float:
    """What is missing of the whole, all of them as shown."""
    return math.fsum((round(whole, SHOWN), *(-round(part, SHOWN) for part in parts)))


def _object(
    state: State,
    *,
    turn: Turn | None = None,
    emotions: Emotions | None = None,
    affection: float | None = None,
    source: str = "command",
) -> dict[str, Any]:
    if turn is not None:
        affection = turn.affection
    told = {
        "turn": turn.number if turn else None,
        "source": str(turn.source) if turn else source,
        "affection": affection,
        "percent": None if affection is None else percent(affection),
        "emotions": dict(emotions or {}),
        "conversation": _conversation(state),
        "error": None,
    }
    return dict(rounded(told, SHOWN))


def _conversation(state: State) -> dict[str, Any]:
    if isinstance(state, Mood):
        return {"turns": state.turns, "affection": state.affection, "percent": state.percent}
    turns = 0 if state is None else None
    return {"turns": turns, "affection": None, "percent": None}


def _error(error: Exception, said: str) -> dict[str, Any]:
    return {"type": type(error).__name__, "message": plain(said)}
