"""Databases that cannot be used: each a typed error that says what to do."""

import os
import pwd
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from postgres_server import PostgresServer
from seollem.db import engine as engine_module
from seollem.db.channels import Channels
from seollem.db.consents import Consents
from seollem.db.engine import create_engine, migrate
from seollem.db.errors import (
    BadDatabaseUrl,
    DatabaseBusy,
    DatabaseError,
    DatabaseFull,
    NotADatabase,
    ReadOnlyDatabase,
    UnknownSchema,
    UnreachableDatabase,
)
from seollem.db.transactions import reading


async def open_and_migrate(url: str) -> None:
    engine = create_engine(url)
    try:
        await migrate(engine)
    finally:
        await engine.dispose()


@pytest.fixture
async def unprivileged(sqlite_url: str) -> AsyncIterator[Path]:
    """A folder of a user whom permissions bind; root, whom they do not, becomes that user."""
    await open_and_migrate(sqlite_url)  # loads what that user may not be allowed to read
    folder = Path(tempfile.mkdtemp())
    was_root = os.geteuid() == 0
    if was_root:
        shutil.chown(folder, "nobody")
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield folder
    finally:
        if was_root:
            os.seteuid(0)
        unlock(folder)
        shutil.rmtree(folder)


@pytest.mark.parametrize("content", [b"a diary, page one\n" * 100, os.urandom(8192), b"\x89PNG"])
async def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "diary.txt"
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match=r"diary\.txt is not an SQLite database"):
        await open_and_migrate(f"sqlite:///{path}")
    assert path.read_bytes() == content


async def test_a_damaged_database_is_reported(sqlite_url: str, tmp_path: Path) -> None:
    await open_and_migrate(sqlite_url)
    path = tmp_path / "memory.db"
    content = bytearray(path.read_bytes())
    content[100:] = os.urandom(len(content) - 100)
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match="Put back a backup"):
        await open_and_migrate(sqlite_url)


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ReadOnlyDatabase):
        await open_and_migrate(f"sqlite:///{tmp_path}")


async def test_a_folder_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReadOnlyDatabase):
        await open_and_migrate(f"sqlite:///{tmp_path / 'file' / 'memory.db'}")


def lock(path: Path) -> None:
    path.chmod(0o500 if path.is_dir() else 0o400)


def unlock(folder: Path) -> None:
    folder.chmod(0o700)


@pytest.mark.parametrize("locked", ["file", "folder", "both"])
async def test_a_read_only_database_says_so(unprivileged: Path, locked: str) -> None:
    path = unprivileged / "memory.db"
    await open_and_migrate(f"sqlite:///{path}")
    if locked in ("file", "both"):
        lock(path)
    if locked in ("folder", "both"):
        lock(unprivileged)
    with pytest.raises(ReadOnlyDatabase, match=r"memory\.db cannot be written.*permission"):
        await open_and_migrate(f"sqlite:///{path}")


async def test_a_new_file_in_a_read_only_folder_cannot_be_made(unprivileged: Path) -> None:
    lock(unprivileged)
    for path in (unprivileged / "memory.db", unprivileged / "deeper" / "memory.db"):
        with pytest.raises(ReadOnlyDatabase, match="permission"):
            await open_and_migrate(f"sqlite:///{path}")


async def test_a_full_disk_loses_nothing_that_was_there(sqlite_url: str) -> None:
    await open_and_migrate(sqlite_url)
    engine = create_engine(sqlite_url)
    await Channels(engine).enable("1", "kept")
    await engine.dispose()

    # SQLite's own limit on pages stands in for the disk's end.
    @event.listens_for(engine.sync_engine, "connect")
    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count=1")

    with pytest.raises(DatabaseFull, match="Make room"):
        await Channels(engine).enable("1", "x" * 100_000)
    assert "kept" in await Channels(engine).enabled("1")
    await engine.dispose()


async def test_a_file_that_another_program_holds_is_waited_for_and_then_reported(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_and_migrate(sqlite_url)
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT", 0.2)
    engine = create_engine(sqlite_url)
    holder = sqlite3.connect(tmp_path / "memory.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy, match="Another program holds"):
        await Channels(engine).enable("1", "2")
    assert await Channels(engine).enabled("1") == ()  # readers do not wait
    holder.execute("ROLLBACK")
    holder.close()
    await Channels(engine).enable("1", "2")
    await engine.dispose()


async def test_a_memory_of_a_newer_version_is_refused_unchanged(database_url: str) -> None:
    await open_and_migrate(database_url)
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE seollem_schema SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(UnknownSchema, match="newer version of Seollem"):
        await open_and_migrate(database_url)


async def test_tables_of_the_same_names_are_not_taken_for_ours(database_url: str) -> None:
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE seollem_turns (poem TEXT)"))
    await engine.dispose()
    with pytest.raises(UnknownSchema, match="tables that this version did not make"):
        await open_and_migrate(database_url)


async def test_a_table_that_vanished_is_no_typed_error(database_url: str) -> None:
    await open_and_migrate(database_url)
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE seollem_consents"))
    with pytest.raises(Exception, match="seollem_consents") as caught:
        await Consents(engine).has_agreed("discord:1", version=1)
    assert not isinstance(caught.value, DatabaseError)
    await engine.dispose()


def assert_keeps_the_secret(error: BaseException) -> None:
    assert "hunter2" not in str(error)
    assert "hunter2" not in repr(error)


async def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(UnreachableDatabase, match=f"memory on 127.0.0.1:{port}") as caught:
        await open_and_migrate(f"postgresql://me:hunter2@127.0.0.1:{port}/memory")
    assert_keeps_the_secret(caught.value)


async def test_a_host_that_there_is_not_is_named() -> None:
    with pytest.raises(UnreachableDatabase, match=r"nowhere\.invalid") as caught:
        await open_and_migrate("postgresql://me:hunter2@nowhere.invalid/memory")
    assert_keeps_the_secret(caught.value)


async def test_a_server_that_hears_and_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "CONNECT_TIMEOUT", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        with pytest.raises(UnreachableDatabase, match="Check that the server runs"):
            await open_and_migrate(f"postgresql://me:hunter2@127.0.0.1:{port}/memory?ssl=disable")


async def test_a_wrong_password_is_reported_and_not_repeated(postgres: PostgresServer) -> None:
    postgres.run("psql", "-c", "DROP DATABASE IF EXISTS locked", "postgres")
    postgres.run("createdb", "locked")
    url = f"postgresql://seollem:hunter2@127.0.0.1:{postgres.port}/locked"
    with pytest.raises(UnreachableDatabase, match="user and password") as caught:
        await open_and_migrate(url)
    assert_keeps_the_secret(caught.value)


async def test_a_database_that_there_is_not_is_reported(postgres: PostgresServer) -> None:
    url = f"postgresql://seollem:hunter2@127.0.0.1:{postgres.port}/missing"
    with pytest.raises(UnreachableDatabase, match="no database missing") as caught:
        await open_and_migrate(url)
    assert_keeps_the_secret(caught.value)


async def test_an_option_that_the_driver_lacks_is_reported(postgres: PostgresServer) -> None:
    with pytest.raises(BadDatabaseUrl, match="options that cannot be used") as caught:
        await open_and_migrate(f"{postgres.url}?passwd=hunter2")
    assert_keeps_the_secret(caught.value)


@pytest.mark.parametrize(
    "permission",
    [
        "",
        "GRANT USAGE ON SCHEMA public TO reader",
        "ALTER ROLE reader SET "
        "default_transaction_read_only = on; GRANT ALL ON SCHEMA public TO reader",
    ],
)
async def test_a_server_that_allows_no_changes_says_so(
    postgres: PostgresServer, permission: str
) -> None:
    postgres.empty()
    postgres.run("psql", "-c", f"CREATE ROLE reader LOGIN; {permission}", "postgres")
    try:
        with pytest.raises(ReadOnlyDatabase, match="may not be changed"):
            await open_and_migrate(postgres.url.replace("seollem@", "reader@"))
    finally:
        postgres.run("psql", "-c", "DROP OWNED BY reader; DROP ROLE reader", "postgres")


async def test_a_connection_that_the_server_closed_is_replaced(postgres: PostgresServer) -> None:
    postgres.empty()
    engine = create_engine(postgres.url)
    await migrate(engine)
    hang_up = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE usename IS NOT NULL AND pid <> pg_backend_pid()"
    )
    postgres.run("psql", "-c", hang_up, "postgres")
    await Channels(engine).enable("1", "2")
    assert await Channels(engine).enabled("1") == ("2",)

    async def lose_it_halfway() -> None:
        async with reading(engine) as transaction:
            await transaction.execute(text("SELECT 1"))
            postgres.run("psql", "-c", hang_up, "postgres")
            await transaction.execute(text("SELECT 1"))

    with pytest.raises(UnreachableDatabase, match="closed the connection"):
        await lose_it_halfway()
    assert await Channels(engine).enabled("1") == ("2",)
    await engine.dispose()
