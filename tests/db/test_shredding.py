"""Writing SQLite's file anew: where bytes may be left, and not for everybody who asks."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db import engine as engine_module
from seollem.db.consents import Consents
from seollem.db.engine import create_engine, migrate
from seollem.db.errors import TracesLeft
from seollem.db.people import People


@pytest.fixture
async def file(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncEngine]:
    """A migrated file that has been written anew once, and waits for nobody for long."""
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT", 0.2)
    monkeypatch.setattr("seollem.db.transactions._PATIENCE", 0.2)
    engine = create_engine(sqlite_url)
    await migrate(engine)
    await People(engine).erase("discord:first")
    yield engine
    await engine.dispose()


def on_disk(folder: Path, user: str) -> int:
    """How often a person is named in the file or in its log."""
    return sum(path.read_bytes().count(user.encode()) for path in folder.iterdir())


def vacuums_of(engine: AsyncEngine) -> list[str]:
    """A list that grows by one at each VACUUM."""
    vacuums: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement == "VACUUM":
            vacuums.append(statement)

    return vacuums


async def test_who_has_nothing_causes_no_rewriting(file: AsyncEngine) -> None:
    vacuums = vacuums_of(file)
    await Consents(file).agree("discord:2", version=1)
    await Consents(file).withdraw("discord:2")
    for _ in range(3):
        await People(file).erase("discord:1")
    assert vacuums == []


async def test_what_was_deleted_before_the_erasure_is_shredded_by_it(
    file: AsyncEngine, tmp_path: Path
) -> None:
    """As when people withdraw first, or forget their turns one by one."""
    vacuums = vacuums_of(file)
    await Consents(file).agree("discord:1", version=1)
    await Consents(file).withdraw("discord:1")
    for _ in range(2):
        await People(file).erase("discord:1")
    assert vacuums == ["VACUUM"]
    assert on_disk(tmp_path, "discord:1") == 0


async def test_a_process_begins_by_shredding_what_others_may_have_left(sqlite_url: str) -> None:
    for _ in range(2):
        engine = create_engine(sqlite_url)
        await migrate(engine)
        vacuums = vacuums_of(engine)
        await People(engine).erase("discord:1")
        assert vacuums == ["VACUUM"]
        await engine.dispose()


async def test_erasures_that_wait_together_share_one_rewriting(file: AsyncEngine) -> None:
    users = [f"discord:{number}" for number in range(8)]
    for user in users:
        await Consents(file).agree(user, version=1)
    vacuums = vacuums_of(file)
    await asyncio.gather(*map(People(file).erase, users))
    assert vacuums == ["VACUUM"]


async def test_a_log_that_somebody_reads_is_reported_and_erasing_again_empties_it(
    file: AsyncEngine, tmp_path: Path
) -> None:
    await Consents(file).agree("discord:1", version=1)
    reader = sqlite3.connect(tmp_path / "memory.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM seollem_consents").fetchall()
    with pytest.raises(TracesLeft, match="erase again"):
        await People(file).erase("discord:1")
    assert await People(file).export("discord:1") == {
        "user": "discord:1",
        "consent": None,
        "conversations": [],
    }
    reader.close()
    assert (tmp_path / "memory.db-wal").stat().st_size > 0
    await People(file).erase("discord:1")
    assert (tmp_path / "memory.db-wal").stat().st_size == 0
    assert on_disk(tmp_path, "discord:1") == 0


async def test_a_log_that_is_read_for_a_moment_is_waited_for(
    file: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seollem.db.transactions._PATIENCE", 30.0)
    await Consents(file).agree("discord:1", version=1)
    reader = sqlite3.connect(tmp_path / "memory.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM seollem_consents").fetchall()
    erasing = asyncio.create_task(People(file).erase("discord:1"))
    await asyncio.sleep(1.0)  # longer than SQLite itself waits here
    assert not erasing.done()
    reader.close()
    await erasing
    assert (tmp_path / "memory.db-wal").stat().st_size == 0
