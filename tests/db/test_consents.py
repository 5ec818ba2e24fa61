"""Who agreed to what."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.consents import Consents
from seollem.db.histories import Histories
from seollem.db.people import People


@pytest.fixture
def consents(database: AsyncEngine) -> Consents:
    return Consents(database)


async def test_nobody_has_agreed_before_they_did(consents: Consents) -> None:
    assert not await consents.has_agreed("discord:1", version=1)
    await consents.agree("discord:1", version=1)
    assert await consents.has_agreed("discord:1", version=1)
    assert not await consents.has_agreed("discord:2", version=1)


async def test_an_agreement_to_an_older_notice_does_not_count(consents: Consents) -> None:
    await consents.agree("discord:1", version=1)
    assert not await consents.has_agreed("discord:1", version=2)
    await consents.agree("discord:1", version=2)
    assert await consents.has_agreed("discord:1", version=2)
    assert await consents.has_agreed("discord:1", version=1)


async def test_a_withdrawn_agreement_has_ended(consents: Consents) -> None:
    await consents.agree("discord:1", version=1)
    await consents.withdraw("discord:1")
    await consents.withdraw("discord:1")
    assert not await consents.has_agreed("discord:1", version=1)
    await consents.agree("discord:1", version=1)
    assert await consents.has_agreed("discord:1", version=1)


async def test_the_moment_of_agreement_is_kept(consents: Consents, database: AsyncEngine) -> None:
    before = datetime.now(UTC)
    await consents.agree("discord:1", version=3)
    stored = (await People(database).export("discord:1"))["consent"]
    assert stored["version"] == 3
    assert before <= datetime.fromisoformat(stored["agreed_at"]) <= datetime.now(UTC)


async def test_an_agreement_is_not_withdrawn_while_the_history_is_written(
    consents: Consents, database: AsyncEngine
) -> None:
    await consents.agree("discord:1", version=2)
    async with Histories(database).writing("discord:1") as history:
        withdrawing = asyncio.create_task(consents.withdraw("discord:1"))
        await asyncio.sleep(0.1)
        assert await history.has_agreed(1)
        assert await history.has_agreed(2)
        assert not await history.has_agreed(3)
    await withdrawing
    async with Histories(database).reading("discord:1") as history:
        assert not await history.has_agreed(2)
