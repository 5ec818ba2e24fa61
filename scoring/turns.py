"""What a conversation is made of: plain, frozen values that cross into bot."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from seollem.scoring.affection import percent
from seollem.vision.readings import Emotions


class Source(StrEnum):
    """Where a turn came from."""

    SELFIE = "selfie"
    MESSAGE = "message"
    BOTH = "both"  # a message with words and a selfie


@dataclass(frozen=True, slots=True)
class Turn:
    """One scored turn of a conversation.

    ``number`` is 1-based within the conversation, ``affection`` in [-1, 1], ``emotions`` the most
    probable ones (at most 8), the one that it is named for first, ``at`` an aware UTC time.
    ``message_id`` is the Discord message it came from, if any. ``other_probability`` is the sum of
    the probabilities that are not in ``emotions``.
    """

    number: int
    source: Source
    affection: float
    emotions: Emotions
    model: str
    at: datetime
    message_id: str | None = None
    other_probability: float = 0.0

    @property
    def leading(self) -> str:
        """The emotion that it is named for; where none stands out, the most probable one."""
        return self.emotions.labels[0]

    @property
    def percent(self) -> float:
        """The affection as people see it, 0 to 100."""
        return percent(self.affection)


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much one emotion moved the mood: ``share`` is signed, in units of affection."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class Mood:
    """A conversation's state.

    ``turns`` is T; ``affection`` the recency-weighted mean in [-1, 1]; ``total`` the unnormalised
    sum Σ (t/T)·A_t; ``trend`` the mean affection of the latest turns less that of as many
    before them (five, or half of what there is), 0.0 with fewer than four turns;
    ``contributions`` what moved the latest turns most, strongest first.
    """

    turns: int
    affection: float
    total: float
    trend: float
    contributions: tuple[Contribution, ...]

    @property
    def percent(self) -> float:
        """The affection as people see it, 0 to 100."""
        return percent(self.affection)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer to ``record_turn``; ``is_new`` is False when this message was counted before."""

    turn: Turn
    mood: Mood
    is_new: bool


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The answer to ``forget_turn``: the turn that is gone, whose it was, and what is left.

    ``turn.number`` is the number that it had; ``mood`` is the conversation's without it, None when
    it was the only turn.
    """

    user: str
    place: str
    turn: Turn
    mood: Mood | None
