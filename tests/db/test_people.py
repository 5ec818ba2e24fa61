"""Everything about a person: handed over whole, erased to the last byte."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.consents import Consents
from db.engine import create_engine, migrate
from db.histories import Histories
from db.people import People

START = datetime(2026, 1, 1, tzinfo=UTC)


async def remember(database: AsyncEngine, user: str, place: str, *message_ids: str) -> None:
    """A conversation with a turn for each message."""
    async with Histories(database).writing(user) as history:
        conversation = await history.begin(place, START)
        for minute, message_id in enumerate(message_ids):
            await history.append(
                conversation,
                message_id=message_id,
                source="selfie",
                affection=0.5,
                emotions={"happiness": 0.75, "아껴주는": 0.25},
                model="face-1",
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
            columns = await connection.run_sync(lambda c, t=table: inspect(c).get_columns(t))
            assert {column["name"] for column in columns} - keys <= set(exported)


async def test_of_a_stranger_nothing_is_known(database: AsyncEngine) -> None:
    people = People(database)
    nothing = {"user": "discord:1", "consent": None, "conversations": []}
    assert await people.export("discord:1") == nothing
    assert await people.count_turns("discord:1") == 0
    assert await people.erase("discord:1") == 0


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


async def test_erasing_a_person_leaves_no_byte_of_them_on_the_disk(tmp_path: Path) -> None:
    database = create_engine(f"sqlite:///{tmp_path / 'memory.db'}")
    await migrate(database)
    # Mixed with others over many pages, so that pages split and merge.
    for number in range(60):
        for person in range(3):
            messages = [f"of-{person}-{number}-{turn}" for turn in range(5)]
            await remember(database, f"discord:person-{person}", f"guild:{number}", *messages)
    await Consents(database).agree("discord:person-1", version=1)

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"person-1" in on_disk()
    assert b"of-1-" in on_disk()
    assert await People(database).erase("discord:person-1") == 300
    assert b"person-1" not in on_disk()
    assert b"of-1-" not in on_disk()
    assert b"of-2-59-4" in on_disk()
    await database.dispose()
    assert b"person-1" not in on_disk()
