"""Rows as frozen values; the columns are described in ``seollem.db.models``."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any


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
class Entry:
    """The columns of ``seollem_turns`` that come from a reading.

    A new column needs a field here and one in ``TurnRow``, under the same name.
    """

    source: str
    affection: float
    emotions: Mapping[str, float]
    other_probability: float
    model: str

    def columns(self) -> dict[str, Any]:
        """Column → value, as SQLAlchemy takes it."""
        values = {field.name: getattr(self, field.name) for field in fields(Entry)}
        return values | {"emotions": dict(self.emotions)}  # JSON takes no other mapping


@dataclass(frozen=True, slots=True)
class StoredTurn(Entry):
    """One row of ``seollem_turns``."""

    id: int
    conversation_id: int
    user_id: str
    message_id: str | None
    at: datetime
