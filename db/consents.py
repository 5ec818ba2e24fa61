"""Who agreed to be read, and to which version of the notice.

    consents = Consents(engine)
    await consents.agree("discord:123", version=1)
    await consents.has_agreed("discord:123", version=1)    # True
    await consents.withdraw("discord:123")

An agreement is to one version of the notice; a newer notice asks again.
"""

from datetime import UTC, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.models import ConsentRow
from seollem.db.transactions import Transaction, reading, writing


class Consents:
    """The agreements, one a person.

    Args:
        engine: a migrated database; it stays the caller's to dispose of.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def agree(self, user: str, *, version: int, at: datetime | None = None) -> None:
        """The person agrees to this version of the notice; it replaces an earlier agreement.

        ``at`` is an aware moment, now by default.
        """
        row = {"user_id": user, "version": version, "agreed_at": at or datetime.now(UTC)}
        async with writing(self._engine, user) as transaction:
            await transaction.execute(delete(ConsentRow).where(ConsentRow.user_id == user))
            await transaction.execute(insert(ConsentRow).values(row))

    async def withdraw(self, user: str) -> None:
        """The agreement ends. What was stored before stays until ``People.erase``."""
        async with writing(self._engine, user) as transaction:
            await transaction.execute(delete(ConsentRow).where(ConsentRow.user_id == user))

    async def has_agreed(self, user: str, *, version: int) -> bool:
        """Whether the person agreed to this version of the notice or to a later one."""
        async with reading(self._engine) as transaction:
            return await has_agreed(transaction, user, version=version)


async def has_agreed(transaction: Transaction, user: str, *, version: int) -> bool:
    """The same within a transaction: in one that is ``writing`` it holds until the end."""
    query = select(ConsentRow.version).where(ConsentRow.user_id == user)
    agreed = (await transaction.execute(query)).scalar_one_or_none()
    return agreed is not None and agreed >= version
