"""Transactions that are whole: they are committed or rolled back, also when a task is cancelled.

    async with writing(engine, "discord:123") as transaction:
        rows = (await transaction.execute(query)).all()

A task that is cancelled in the middle of a statement can leave a connection behind that keeps
SQLite's file locked. So a statement that was begun is finished, and the cancellation is heard right
after it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Delete, Executable, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from seollem.db.errors import DatabaseBusy
from seollem.db.urls import place_of

T = TypeVar("T")

_PATIENCE = 5.0  # seconds for emptying the log, when SQLite itself does not wait
_PAUSE = 0.1  # seconds


class Transaction:
    """Runs statements; made by ``reading`` and ``writing``.

    Attributes:
        has_deleted: whether a statement deleted rows.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.has_deleted = False

    async def execute(self, query: Executable) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement; the rows are all there when it returns."""
        result = await _finish(self._connection.execute(query))
        self.has_deleted |= isinstance(query, Delete) and result.rowcount > 0
        return result

    async def run_sync(self, work: Callable[[Connection], T]) -> T:
        """Run a function that needs SQLAlchemy's synchronous connection."""
        return await _finish(self._connection.run_sync(work))


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    """A transaction that sees one state of the database from beginning to end."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    async with _transaction(engine) as transaction:
        yield transaction


@asynccontextmanager
async def writing(engine: AsyncEngine, key: str) -> AsyncIterator[Transaction]:
    """A transaction beside which no other writer of the same ``key`` runs, in any process.

    Committed at the end of the block, rolled back when it raises. PostgreSQL holds an advisory
    lock on the key; SQLite, which has one writer at a time, holds the whole file.
    """
    if engine.dialect.name == "postgresql":
        async with _transaction(engine) as transaction:
            # Taken under READ COMMITTED, so that what follows sees what the last holder wrote.
            lock = func.pg_advisory_xact_lock(func.hashtextextended(f"seollem {key}", 0))
            await transaction.execute(select(lock))
            yield transaction
        return
    async with (
        _write_queue(engine),
        _transaction(engine.execution_options(begin="IMMEDIATE")) as transaction,
    ):
        yield transaction
        unshredded = _unshredded(engine)
        if transaction.has_deleted and unshredded is not None:
            unshredded.add(key)


async def shred(engine: AsyncEngine, key: str) -> None:
    """Let no byte that was deleted under ``key`` stay in SQLite's file or its write-ahead log.

    secure_delete overwrites deleted rows, but not the copies that stay where a page's rows were
    moved to another page; so the file is written anew. That takes about a second for 100 MB and
    holds up all writers. So whoever waits for it shares it, and it is left out where nothing was
    deleted under ``key`` since the last time; an engine's first time is for what earlier processes
    may have left, whatever the key.

    Raises:
        DatabaseBusy: another program reads the log; shredding again finishes it.
    """
    if engine.dialect.name != "sqlite":
        return
    async with _write_queue(engine):
        unshredded = _unshredded(engine)
        if unshredded is not None and key not in unshredded:
            return
        async with _transaction(engine.execution_options(begin=None)) as transaction:
            await transaction.execute(text("VACUUM"))
            await _empty_log(transaction, place_of(engine.url))
        engine.sync_engine.update_execution_options(unshredded=set())


async def _empty_log(transaction: Transaction, place: str) -> None:
    """Move what is in the write-ahead log to the file, and cut the log to nothing."""
    give_up = time.monotonic() + _PATIENCE
    # SQLite waits for readers by itself, but not for another checkpoint; neither is an exception.
    while (await transaction.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar_one():
        if time.monotonic() > give_up:
            raise DatabaseBusy(
                f"Another program reads {place}, whose log still holds what was erased. Close it, "
                "and erase again."
            )
        await asyncio.sleep(_PAUSE)


def _unshredded(engine: AsyncEngine) -> set[str] | None:
    """The keys under which rows were deleted since the last shredding; None: not known yet."""
    keys: set[str] | None = engine.sync_engine.get_execution_options().get("unshredded")
    return keys


def _write_queue(engine: AsyncEngine) -> asyncio.Lock:
    queue: asyncio.Lock = engine.sync_engine.get_execution_options()["write_queue"]
    return queue


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    """Committed at the block's end; what was not is rolled back by closing."""
    connection = engine.connect()
    try:
        await _finish(connection.start())
        await _finish(connection.begin())  # SQLite's lock is taken here, before the block
        yield Transaction(connection)
        await _finish(connection.commit())
    finally:
        if connection.sync_connection is not None:
            await _finish(connection.close())


async def _finish(work: Awaitable[T]) -> T:
    """Await some work to its end; a cancellation is raised only then."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not complain; the cancellation goes first
        raise
