"""From nothing to this version's tables, and no difference between the two descriptions."""

import asyncio
import os
import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from checkout import ROOT
from seollem.db.channels import Channels
from seollem.db.engine import create_engine, migrate
from seollem.db.migrations.upgrade import VERSION_TABLE
from seollem.db.models import Base
from seollem.db.people import People


async def tables_of(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda c: inspect(c).get_table_names()))


async def test_the_migrations_make_the_tables_that_the_models_describe(
    database: AsyncEngine,
) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        return list(compare_metadata(context, Base.metadata))

    assert await tables_of(database) == {*Base.metadata.tables, VERSION_TABLE}
    async with database.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_again_changes_nothing(database: AsyncEngine) -> None:
    await Channels(database).enable("1", "2")
    await migrate(database)
    assert await Channels(database).enabled("1") == ("2",)


async def test_turns_of_the_first_version_left_no_emotion_out(sqlite_url: str) -> None:
    environment = os.environ | {"SEOLLEM_DATABASE_URL": sqlite_url}
    command = [sys.executable, "-m", "alembic", "upgrade", "0001"]
    await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=environment, check=True)
    engine = create_engine(sqlite_url)
    async with engine.begin() as connection:
        moment = "2026-01-01 00:00:00.000000"
        await connection.execute(
            text(
                "INSERT INTO seollem_conversations VALUES "
                f"(1, 'discord:1', 'dm', 1, 0.5, 0.0, '{moment}')"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO seollem_turns VALUES (1, 1, 'discord:1', NULL, 'selfie', 0.5, "
                f"'{{\"happiness\": 0.8, \"neutral\": 0.2}}', 'face-1', '{moment}')"
            )
        )
    await migrate(engine)
    [conversation] = (await People(engine).export("discord:1"))["conversations"]
    assert [turn["rest"] for turn in conversation["history"]] == [0.0]
    await engine.dispose()


async def test_a_host_bots_own_tables_are_left_alone(database_url: str) -> None:
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        await connection.execute(text("INSERT INTO alembic_version VALUES ('theirs')"))
        await connection.execute(text("CREATE TABLE channels (theirs TEXT)"))
    await migrate(engine)
    async with engine.connect() as connection:
        kept = await connection.execute(text("SELECT version_num FROM alembic_version"))
        assert kept.scalars().all() == ["theirs"]
    await engine.dispose()


async def test_several_engines_may_migrate_at_once(database_url: str) -> None:
    engines = [create_engine(database_url) for _ in range(6)]
    await asyncio.gather(*map(migrate, engines))
    assert await tables_of(engines[0]) == {*Base.metadata.tables, VERSION_TABLE}
    for engine in engines:
        await engine.dispose()


def test_alembics_own_command_goes_up_and_down(sqlite_url: str) -> None:
    environment = os.environ | {"SEOLLEM_DATABASE_URL": sqlite_url}
    for words in (["upgrade", "head"], ["check"], ["downgrade", "base"]):
        command = [sys.executable, "-m", "alembic", *words]
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr


def test_alembics_own_command_asks_for_the_database() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "SEOLLEM_DATABASE_URL"}
    command = [sys.executable, "-m", "alembic", "current"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert "Set SEOLLEM_DATABASE_URL" in run.stderr
