"""Everything about a person: handed over whole, erased to the last byte."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.consents import Consents
from seollem.db.engine import create_engine, migrate
from seollem.db.histories import Histories
from seollem.db.people import People
from seollem.db.records import Entry

START = datetime(2026, 1, 1, tzinfo=UTC)


async def remember(database: AsyncEngine, user: str, place: str, *message_ids: str) -> None:
    """A conversation with a turn for each message."""
    async with Histories(database).writing(user) as history:
        conversation = await history.begin(place, START)
        for minute, message_id in enumerate(message_ids):
            await history.append(
                conversation,
                Entry("selfie", 0.5, {"happiness": 0.75, "아껴주는": 0.25}, 0.5, "face-1"),
                message_id=message_id,
                at=START + timedelta(minutes=minute),
            )
        await history.update(
            conversation, turns=len(message_ids), weighted_sum=1.5, lost=0.0, last_at=START
        )


async def test_an_export_holds_everything_in_order_and_is_json(database: AsyncEngine) -> None:
    await Consents(database).agree("discord:1", version=2, at=START)
    await remember(database, "discord:1", "dm", "11", "12")
    await remember(database, "discord:2", "dm", "21")
    await remember(database, "discord:1", "guild:1", "13")
    export = await People(database).export("discord:1")
    assert json.loads(json.dumps(export)) == export
    assert export["user"] == "discord:1"
    assert export["consent"] == {"version": 2, "agreed_at": "2026-01-01T00:00:00+00:00"}
    dm, guild = export["conversations"]
    assert dm == {
        "place": "dm",
        "turns": 2,
        "weighted_sum": 1.5,
        "lost": 0.0,
        "last_at": "2026-01-01T00:00:00+00:00",
        "history": dm["history"],
    }
    assert [(turn["number"], turn["message_id"]) for turn in dm["history"]] == [
        (1, "11"),
        (2, "12"),
    ]
    assert dm["history"][1] == {
        "number": 2,
        "message_id": "12",
        "source": "selfie",
        "affection": 0.5,
        "emotions": {"happiness": 0.75, "아껴주는": 0.25},
        "rest": 0.5,
        "model": "face-1",
        "at": "2026-01-01T00:01:00+00:00",
    }
    assert [turn["message_id"] for turn in guild["history"]] == ["13"]


async def test_an_export_leaves_out_no_column_of_the_tables(database: AsyncEngine) -> None:
    await remember(database, "discord:1", "dm", "11")
    export = await People(database).export("discord:1")
    (conversation,) = export["conversations"]
    keys = {"id", "user_id", "conversation_id"}
    async with database.connect() as connection:
        for table, exported in [
            ("seollem_conversations", conversation),
            ("seollem_turns", conversation["history"][0]),
        ]:
            columns = await connection.run_sync(columns_of, table)
            assert {column["name"] for column in columns} - keys <= set(exported)


def columns_of(connection: Connection, table: str) -> list[ReflectedColumn]:
    return inspect(connection).get_columns(table)


async def test_of_a_stranger_nothing_is_known(database: AsyncEngine) -> None:
    people = People(database)
    nothing: dict[str, Any] = {"user": "discord:1", "consent": None, "conversations": []}
    assert await people.export("discord:1") == nothing
    assert await people.count_turns("discord:1") == 0
    assert await people.erase("discord:1") == 0


async def test_the_places_of_a_person_are_those_of_all_conversations(
    database: AsyncEngine,
) -> None:
    for user, place in (("1", "guild:1"), ("1", "dm"), ("1", "dm"), ("2", "guild:2")):
        await remember(database, f"discord:{user}", place)
    assert await People(database).places("discord:1") == ("dm", "guild:1")
    assert await People(database).places("discord:3") == ()


async def test_a_long_export_lets_others_run(
    database: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seollem.db.people._UNBROKEN", 2)
    await remember(database, "discord:1", "dm", *map(str, range(100)))
    export = asyncio.create_task(People(database).export("discord:1"))
    turns = 0
    while not export.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 50
    assert len(export.result()["conversations"][0]["history"]) == 100


async def test_erasing_a_person_leaves_no_row_of_them_and_all_of_others(
    database: AsyncEngine,
) -> None:
    people = People(database)
    for user in ("discord:1", "discord:2"):
        await Consents(database).agree(user, version=1)
        await remember(database, user, "dm", f"{user}-1", f"{user}-2")
        await remember(database, user, "guild:1", f"{user}-3")
    others = await people.export("discord:2")
    assert await people.count_turns("discord:1") == 3
    assert await people.erase("discord:1") == 3
    assert await people.count_turns("discord:1") == 0
    async with database.connect() as connection:
        for table in ("conversations", "turns", "consents"):
            rows = await connection.execute(text(f"SELECT user_id FROM seollem_{table}"))
            assert set(rows.scalars()) == {"discord:2"}
    assert await people.export("discord:2") == others


@pytest.mark.parametrize("seed", [0, 1, 9])  # of those where overwriting alone leaves copies
async def test_erasing_a_person_leaves_no_byte_of_them_on_the_disk(
    tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    database = create_engine(f"sqlite:///{tmp_path / 'memory.db'}")
    await migrate(database)

    def on_disk(user: str) -> int:
        return sum(path.read_bytes().count(user.encode()) for path in tmp_path.iterdir())

    # Turns of several people that come and go in turns, so that pages split and merge.
    users = [f"discord:person-{number}" for number in range(6)]
    for _ in range(150):
        user = random.choice(users)
        async with Histories(database).writing(user) as history:
            conversation = await history.current("dm") or await history.begin("dm", START)
            for _ in range(random.randrange(1, 12)):
                turn = await history.append(
                    conversation,
                    Entry("selfie", 0.5, {"a" * random.randrange(1, 200): 0.5}, 0.5, "face-1"),
                    message_id=f"{user}-{random.getrandbits(64)}",
                    at=START,
                )
                if random.random() < 0.3:
                    await history.remove(turn)
    for user in users:
        await Consents(database).agree(user, version=1)
        assert on_disk(user) > 0
        await People(database).erase(user)
        assert on_disk(user) == 0
    await database.dispose()
