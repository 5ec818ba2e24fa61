"""What came of one line in the terminal: plain, frozen values, and how they look as JSON.

An outcome is one object a line: ``{"turn", "source", "affection", "percent", "emotions",
"conversation": {"turns", "affection", "percent"}, "error": null | {"type", "message"}}``. ``turn``
is null where nothing was recorded or listed; ``/mood`` then carries the conversation's own
affection. Where of a picture and the words beside it only one gave a reading, there is both a turn
and an error. Some commands add a key of their own: "text", "why", "export".
"""

from dataclasses import dataclass
from typing import Any

from bot.failures import answer
from bot.halves import Problem, unread_half
from bot.terminal import plain
from scoring.affection import percent
from scoring.explanations import Explanation
from scoring.fusion import Reading
from scoring.turns import Mood, Turn
from vision.readings import Emotions


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
    """A sentence or more; ``mood`` is the conversation's state where it changed."""

    words: str
    mood: Mood | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """Everything that is kept about the person, JSON-ready."""

    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """The person has left; nothing is said."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong, and with what kind of line."""

    source: str
    error: Exception


Outcome = Scored | MoodShown | HistoryShown | Explained | Said | Exported | Left | Failed


def as_json(outcome: Outcome, locale: str) -> list[dict[str, Any]]:
    """One JSON-ready object; for a history, one a turn if there are any."""
    match outcome:
        case Scored(reading, turn, mood, problem):
            scored = _object(turn=turn, emotions=reading.emotions, mood=mood)
            if problem is not None:
                scored["error"] = _error(problem, unread_half(problem, turn.source, locale))
            return [scored]
        case MoodShown(mood):
            return [_object(mood=mood)]
        case HistoryShown(mood, ()):
            return [_object(mood=mood)]
        case HistoryShown(mood, turns):
            return [_object(turn=turn, emotions=turn.emotions, mood=mood) for turn in turns]
        case Explained(why):
            return [
                _object(turn=why.turn, emotions=why.turn.emotions, mood=why.mood)
                | {"why": _why(why)}
            ]
        case Said(words, mood):
            return [_object(mood=mood) | {"text": plain(words)}]
        case Exported(data):
            return [_object() | {"export": data}]
        case Left():
            return []
        case Failed(source, error):
            return [_object(source=source) | {"error": _error(error, answer(error, locale))}]


def _why(why: Explanation) -> dict[str, Any]:
    """What moved the turn, and what moved the latest turns on average; both add up."""
    return {
        "emotions": {
            factor.label: {"share": factor.share, "weight": factor.weight, "moved": factor.moved}
            for factor in why.factors
        },
        "rest": why.rest,
        "before": why.before,
        "mood": {
            "turns": why.latest,
            "mean": why.mean,
            "emotions": {c.label: c.share for c in why.mood.contributions},
            "rest": why.mood_rest,
        },
    }


def _object(
    *,
    turn: Turn | None = None,
    emotions: Emotions | None = None,
    mood: Mood | None = None,
    source: str = "command",
) -> dict[str, Any]:
    affection = turn.affection if turn else mood.affection if mood else None
    return {
        "turn": turn.number if turn else None,
        "source": str(turn.source) if turn else source,
        "affection": affection,
        "percent": None if affection is None else percent(affection),
        "emotions": dict(emotions or {}),
        "conversation": {
            "turns": mood.turns if mood else 0,
            "affection": mood.affection if mood else None,
            "percent": mood.percent if mood else None,
        },
        "error": None,
    }


def _error(error: Exception, said: str) -> dict[str, Any]:
    return {"type": type(error).__name__, "message": plain(said)}
