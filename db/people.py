"""Everything about a person: to hand it over, or to erase it.

    people = People(engine)
    await people.export("discord:123")    # a JSON-ready dict
    await people.count_turns("discord:123")
    await people.places("discord:123")    # ("dm", "guild:456")
    await people.erase("discord:123")     # how many turns it removed

People are named as bot names them: "discord:NUMBER" or "local:NAME".
"""

import asyncio
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.errors import DatabaseError, TracesLeft
from seollem.db.models import ConsentRow, ConversationRow, TurnRow
from seollem.db.transactions import Transaction, reading, shred, writing

_UNBROKEN = 500  # turns, some milliseconds of work, before the event loop gets its turn


class People:
    """What is stored about people, whole.

    Args:
        engine: a migrated database; it stays the caller's to dispose of.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def export(self, user: str) -> dict[str, Any]:
        """All that is stored about the person, JSON-ready; moments are ISO 8601 in UTC.

        ``{"user", "consent": {"version", "agreed_at"} | None, "conversations": [{"place", "turns",
        "weighted_sum", "lost", "last_at", "history": [{"number", "message_id", "source",
        "affection", "emotions", "rest", "model", "at"}]}]}``, oldest first.
        """
        consent = select(ConsentRow.version, ConsentRow.agreed_at)
        conversations = select(*ConversationRow.__table__.columns).order_by(ConversationRow.id)
        turns = select(*TurnRow.__table__.columns).join(ConversationRow).order_by(TurnRow.id)
        async with reading(self._engine) as transaction:
            agreed = (
                await transaction.execute(consent.where(ConsentRow.user_id == user))
            ).one_or_none()
            spoken = await transaction.execute(conversations.where(ConversationRow.user_id == user))
            histories: dict[int, list[dict[str, Any]]] = {}
            for turn in await transaction.execute(turns.where(ConversationRow.user_id == user)):
                history = histories.setdefault(turn.conversation_id, [])
                history.append(
                    {
                        "number": len(history) + 1,
                        "message_id": turn.message_id,
                        "source": turn.source,
                        "affection": turn.affection,
                        "emotions": turn.emotions,
                        "rest": turn.other_probability,
                        "model": turn.model,
                        "at": turn.at.isoformat(),
                    }
                )
                if len(history) % _UNBROKEN == 0:
                    await asyncio.sleep(0)
            return {
                "user": user,
                "consent": agreed
                and {"version": agreed.version, "agreed_at": agreed.agreed_at.isoformat()},
                "conversations": [
                    {
                        "place": conversation.place,
                        "turns": conversation.turns,
                        "weighted_sum": conversation.weighted_sum,
                        "lost": conversation.lost,
                        "last_at": conversation.last_at.isoformat(),
                        "history": histories.get(conversation.id, []),
                    }
                    for conversation in spoken
                ],
            }

    async def count_turns(self, user: str) -> int:
        """How many turns of the person are stored, in all places."""
        async with reading(self._engine) as transaction:
            return await _count_turns(transaction, user)

    async def places(self, user: str) -> tuple[str, ...]:
        """Where the person has conversations, open ones and others."""
        query = select(ConversationRow.place).where(ConversationRow.user_id == user)
        async with reading(self._engine) as transaction:
            places = await transaction.execute(query.distinct().order_by(ConversationRow.place))
            return tuple(places.scalars().all())

    async def erase(self, user: str) -> int:
        """Remove all that is stored about the person, the agreement too; how many turns it were.

        The bytes go with the rows: an SQLite file is written anew without them. When that fails,
        for want of room on the disk perhaps, the rows are gone and erasing again finishes it.
        It is left as it is where nothing of the person was deleted since it was last written anew.

        Raises:
            TracesLeft: the rows are gone, and their bytes are still there.
            DatabaseError: nothing was erased.
        """
        async with writing(self._engine, user) as transaction:
            turns = await _count_turns(transaction, user)
            # Its turns go with a conversation (ON DELETE CASCADE).
            for table in (ConversationRow, ConsentRow):
                await transaction.execute(delete(table).where(table.user_id == user))
        try:
            await shred(self._engine, user)
        except DatabaseError as error:
            raise TracesLeft(
                "Everything was erased, but traces may stay in the file until you erase again: "
                f"{error}"
            ) from error
        return turns


async def _count_turns(transaction: Transaction, user: str) -> int:
    query = select(func.coalesce(func.sum(ConversationRow.turns), 0))
    turns = await transaction.execute(query.where(ConversationRow.user_id == user))
    return int(turns.scalar_one())
