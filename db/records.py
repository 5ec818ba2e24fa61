"""What the memory hands out: frozen rows, with the columns' meaning as in ``seollem.db.models``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """One row of ``seollem_conversations``."""

    id: int
    user_id: str
    place: str
    turns: int
    weighted_sum: float
    lost: float
    last_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One row of ``seollem_turns``."""

    id: int
    conversation_id: int
    user_id: str
    message_id: str | None
    source: str
    affection: float
    emotions: Mapping[str, float]
    rest: float
    model: str
    at: datetime
