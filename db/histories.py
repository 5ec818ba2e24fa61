"""What was said: conversations and their turns, one person at a time. SQL and no formulas.

    histories = Histories(engine)
    async with histories.writing("discord:123") as history:    # one transaction
        conversation = await history.current("guild:456") or await history.begin("guild:456", at)
        turn = await history.append(conversation, entry, message_id=…, at=at)
        await history.update(conversation, turns=…, weighted_sum=…, lost=…, last_at=at)

``histories.reading(user)`` gives the same History for reading only, and
``histories.authors(message_id)`` tells whose message it was.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.consents import has_agreed
from seollem.db.models import ConversationRow, TurnRow
from seollem.db.records import Conversation, Entry, StoredTurn
from seollem.db.transactions import Transaction, reading, writing

_CONVERSATIONS = select(*ConversationRow.__table__.columns)
_TURN_COLUMNS = [TurnRow.__table__.columns[field.name] for field in fields(StoredTurn)]
_TURNS = select(*_TURN_COLUMNS)


class Histories:
    """Opens people's histories.

    Args:
        engine: a migrated database; it stays the caller's to dispose of.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def reading(self, user: str) -> AsyncIterator["History"]:
        """The person's history as it is at this moment, unmoved by writers beside."""
        async with reading(self._engine) as transaction:
            yield History(transaction, user)

    @asynccontextmanager
    async def writing(self, user: str) -> AsyncIterator["History"]:
        """The person's history, which nobody else changes until the block ends.

        Committed at the end of the block, rolled back when it raises.
        """
        async with writing(self._engine, user) as transaction:
            yield History(transaction, user)

    async def authors(self, message_id: str) -> tuple[str, ...]:
        """The people who have a turn from this message."""
        query = select(TurnRow.user_id).where(TurnRow.message_id == message_id)
        async with reading(self._engine) as transaction:
            return tuple((await transaction.execute(query)).scalars().all())


class History:
    """One person's conversations within one transaction; made by ``Histories``."""

    def __init__(self, transaction: Transaction, user: str) -> None:
        self._transaction = transaction
        self._user = user

    async def has_agreed(self, version: int) -> bool:
        """Whether the person agrees to this version of the notice or to a later one.

        In a history that is open for writing, nobody can withdraw until the block ends.
        """
        return await has_agreed(self._transaction, self._user, version=version)

    async def current(self, place: str) -> Conversation | None:
        """The conversation that was begun last in this place, whether it is over or not."""
        query = (
            _CONVERSATIONS.where(ConversationRow.user_id == self._user)
            .where(ConversationRow.place == place)
            .order_by(ConversationRow.id.desc())
            .limit(1)
        )
        row = (await self._transaction.execute(query)).one_or_none()
        return Conversation(*row) if row else None

    async def conversation_of(self, turn: StoredTurn) -> Conversation:
        """The conversation that holds a turn."""
        query = _CONVERSATIONS.where(ConversationRow.id == turn.conversation_id)
        return Conversation(*(await self._transaction.execute(query)).one())

    async def begin(self, place: str, at: datetime) -> Conversation:
        """A new conversation without turns."""
        values = {"user_id": self._user, "place": place, "last_at": at}
        sums = {"turns": 0, "weighted_sum": 0.0, "lost": 0.0}
        query = insert(ConversationRow).values(**values, **sums)
        row = await self._transaction.execute(query.returning(*ConversationRow.__table__.columns))
        return Conversation(*row.one())

    async def update(
        self,
        conversation: Conversation,
        *,
        turns: int,
        weighted_sum: float,
        lost: float,
        last_at: datetime,
    ) -> Conversation:
        """Set what a conversation carries."""
        query = (
            update(ConversationRow)
            .where(ConversationRow.id == conversation.id)
            .values(turns=turns, weighted_sum=weighted_sum, lost=lost, last_at=last_at)
            .returning(*ConversationRow.__table__.columns)
        )
        return Conversation(*(await self._transaction.execute(query)).one())

    async def end(self, conversation: Conversation) -> None:
        """Delete a conversation and whatever turns it has."""
        query = delete(ConversationRow).where(ConversationRow.id == conversation.id)
        await self._transaction.execute(query)

    async def latest(self, conversation: Conversation, limit: int) -> tuple[StoredTurn, ...]:
        """The latest turns, at most ``limit``, in the order of their numbers."""
        query = (
            _TURNS.where(TurnRow.conversation_id == conversation.id)
            .order_by(TurnRow.id.desc())
            .limit(limit)
        )
        rows = (await self._transaction.execute(query)).all()
        return tuple(StoredTurn(*row) for row in reversed(rows))

    async def by_message(self, message_id: str) -> StoredTurn | None:
        """The turn that came from a message of this person, in any place."""
        return await self._turn(
            _TURNS.where(TurnRow.message_id == message_id, TurnRow.user_id == self._user)
        )

    async def by_number(self, conversation: Conversation, number: int) -> StoredTurn | None:
        """The turn of a 1-based number; None where the conversation has none of it."""
        if not 1 <= number <= conversation.turns:
            return None
        its_turns = _TURNS.where(TurnRow.conversation_id == conversation.id)
        # Counted from the end, where people look.
        return await self._turn(
            its_turns.order_by(TurnRow.id.desc()).offset(conversation.turns - number).limit(1)
        )

    async def number_of(self, turn: StoredTurn) -> int:
        """The turn's 1-based number: its rank within its conversation."""
        query = select(func.count()).where(
            TurnRow.conversation_id == turn.conversation_id, TurnRow.id <= turn.id
        )
        return int((await self._transaction.execute(query)).scalar_one())

    async def affections_after(self, turn: StoredTurn) -> tuple[float, ...]:
        """The affections of the later turns of its conversation, in their order."""
        query = (
            select(TurnRow.affection)
            .where(TurnRow.conversation_id == turn.conversation_id, TurnRow.id > turn.id)
            .order_by(TurnRow.id)
        )
        return tuple((await self._transaction.execute(query)).scalars().all())

    async def latest_moment(self, conversation: Conversation) -> datetime:
        """The latest ``at`` of its turns, of which there must be one."""
        query = select(func.max(TurnRow.at)).where(TurnRow.conversation_id == conversation.id)
        moment: datetime = (await self._transaction.execute(query)).scalar_one()
        return moment

    async def append(
        self,
        conversation: Conversation,
        entry: Entry,
        *,
        message_id: str | None,
        at: datetime,
    ) -> StoredTurn:
        """Add a turn after the others; the conversation's sums are the caller's to update."""
        query = insert(TurnRow).values(
            conversation_id=conversation.id,
            user_id=self._user,
            message_id=message_id,
            at=at,
            **entry.columns(),
        )
        row = await self._transaction.execute(query.returning(*_TURN_COLUMNS))
        return StoredTurn(*row.one())

    async def rewrite(self, turn: StoredTurn, entry: Entry) -> StoredTurn:
        """Give a turn another reading; its number and moment stay."""
        query = (
            update(TurnRow)
            .where(TurnRow.id == turn.id)
            .values(**entry.columns())
            .returning(*_TURN_COLUMNS)
        )
        return StoredTurn(*(await self._transaction.execute(query)).one())

    async def remove(self, turn: StoredTurn) -> None:
        """Delete a turn; the later ones move up."""
        await self._transaction.execute(delete(TurnRow).where(TurnRow.id == turn.id))

    async def _turn(self, query: Select[Any]) -> StoredTurn | None:
        row = (await self._transaction.execute(query)).one_or_none()
        return StoredTurn(*row) if row else None
