"""How connections are set up."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.engine import create_engine, migrate
from seollem.db.transactions import reading, writing


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 1),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 30_000),
    ],
)
async def test_sqlite_is_set_up(sqlite_url: str, pragma: str, value: object) -> None:
    engine = create_engine(sqlite_url)
    async with engine.connect() as connection:
        assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one() == value
    await engine.dispose()


async def test_the_files_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a folder" / "with 한글" / "memory.db"
    engine = create_engine(f"sqlite:///{path}")
    assert not path.parent.exists()
    await migrate(engine)
    await engine.dispose()
    assert path.stat().st_size > 0


async def test_what_a_block_wrote_is_gone_when_it_raises(database: AsyncEngine) -> None:
    insert = text("INSERT INTO seollem_channels (guild_id, channel_id) VALUES ('1', '2')")

    async def fail_halfway() -> None:
        async with writing(database, "key") as transaction:
            await transaction.execute(insert)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_halfway()
    async with writing(database, "key") as transaction:
        await transaction.execute(insert)
    async with reading(database) as transaction:
        rows = await transaction.execute(text("SELECT count(*) FROM seollem_channels"))
        assert rows.scalar_one() == 1


async def test_a_reader_sees_one_state_from_beginning_to_end(database: AsyncEngine) -> None:
    count = text("SELECT count(*) FROM seollem_channels")
    async with reading(database) as reader:
        before = (await reader.execute(count)).scalar_one()
        async with writing(database, "key") as writer:
            insert = text("INSERT INTO seollem_channels (guild_id, channel_id) VALUES ('1', '2')")
            await writer.execute(insert)
        assert (await reader.execute(count)).scalar_one() == before == 0
    async with reading(database) as reader:
        assert (await reader.execute(count)).scalar_one() == 1


async def test_the_tables_keep_their_rules(database: AsyncEngine) -> None:
    orphan = text(
        "INSERT INTO seollem_turns (conversation_id, user_id, source, affection, emotions, model, "
        "at) VALUES (99, 'discord:1', 'selfie', 0, '{}', 'm', '2026-01-01 00:00:00')"
    )
    with pytest.raises(IntegrityError):
        async with writing(database, "key") as transaction:
            await transaction.execute(orphan)
