"""What came of one line in the terminal: plain, frozen values, and how they look as JSON.

An outcome is one object a line: ``{"turn", "source", "affection", "percent", "emotions",
"conversation": {"turns", "affection", "percent"}, "error": null | {"type", "message"}}``. ``turn``
is null where nothing was recorded or listed; ``/mood`` then carries the conversation's own
affection. Some commands add a key of their own: "text", "why", "export".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.failures import answer
from bot.terminal import plain
from scoring.affection import percent, shares
from scoring.turns import Mood, Turn
from vision.readings import Emotions, SelfieReading


@dataclass(frozen=True, slots=True)
class Scored:
    """A selfie became a turn."""

    reading: SelfieReading
    turn: Turn
    mood: Mood


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
    """Why the latest turn scored as it did, and where the mood comes from.

    ``weights`` are the affection weights of the turn's emotions, each in [-1, 1]; ``before`` is the
    conversation's affection before the turn, None where it is the first.
    """

    turn: Turn
    mood: Mood
    weights: Mapping[str, float]
    before: float | None

    def shares(self) -> dict[str, float]:
        """How much each emotion moved the turn, in units of affection; they sum to it."""
        moved = shares([self.turn.emotions], self.weights)
        return {label: moved.get(label, 0.0) for label in self.turn.emotions}


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
        case Scored(reading, turn, mood):
            return [_object(turn=turn, emotions=reading.face.emotions, mood=mood)]
        case MoodShown(mood):
            return [_object(mood=mood)]
        case HistoryShown(mood, ()):
            return [_object(mood=mood)]
        case HistoryShown(mood, turns):
            return [_object(turn=turn, emotions=turn.emotions, mood=mood) for turn in turns]
        case Explained(turn, mood):
            moved = {
                label: {"weight": outcome.weights[label], "moved": share}
                for label, share in outcome.shares().items()
            }
            return [
                _object(turn=turn, emotions=turn.emotions, mood=mood)
                | {"why": {"emotions": moved, "before": outcome.before}}
            ]
        case Said(words, mood):
            return [_object(mood=mood) | {"text": plain(words)}]
        case Exported(data):
            return [_object() | {"export": data}]
        case Left():
            return []
        case Failed(source, error):
            return [_object(source=source, error=error, locale=locale)]


def _object(
    *,
    turn: Turn | None = None,
    emotions: Emotions | None = None,
    mood: Mood | None = None,
    source: str = "command",
    error: Exception | None = None,
    locale: str = "en",
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
        "error": error and {"type": type(error).__name__, "message": plain(answer(error, locale))},
    }
