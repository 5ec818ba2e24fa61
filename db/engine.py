"""The engine: how the database is opened, set up and brought to this version.

    engine = create_engine("sqlite:///seollem.db")
    await migrate(engine)
    await engine.dispose()

In between, ``seollem.db.transactions`` runs what the other modules ask for.
"""

import asyncio
import errno
import json
import os
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import Dialect, ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from seollem.db.failures import explain, explain_connect
from seollem.db.transactions import writing
from seollem.db.urls import parse_url

BUSY_TIMEOUT = 30.0  # seconds a writer waits for another process before giving up
CONNECT_TIMEOUT = 10.0  # seconds to wait for a server


def create_engine(url: str) -> AsyncEngine:
    """An engine for ``sqlite:///FILE`` or ``postgresql://…``; nothing is opened yet.

    SQLite runs in WAL mode, so that reading never waits for writing, with synchronous=NORMAL,
    foreign keys and secure_delete on. The file's folder is made at the first connection. Failures
    of the outside are raised as ``seollem.db.errors`` wherever the engine is used.

    Raises:
        BadDatabaseUrl, MissingDriver: see ``seollem.db.urls.parse_url``.
    """
    parsed = parse_url(url)
    is_sqlite = parsed.drivername.startswith("sqlite")
    engine = create_async_engine(
        parsed,
        json_serializer=partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
        hide_parameters=True,
        pool_pre_ping=not is_sqlite,
        connect_args={"timeout": BUSY_TIMEOUT if is_sqlite else CONNECT_TIMEOUT},
        # SQLite has one writer at a time: ours queue here, in order, rather than poll the file.
        execution_options={"write_queue": asyncio.Lock()} if is_sqlite else {},
    )
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _configure_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Dialect, _: object, arguments: list[Any], options: dict[str, Any]) -> Any:
        try:
            if is_sqlite:
                _make_ready(Path(str(parsed.database)))
            return dialect.connect(*arguments, **options)
        except Exception as error:
            known = explain_connect(error, parsed)
            if known is None:
                raise
            raise known from error

    @event.listens_for(engine.sync_engine, "handle_error", retval=True)
    def translate(context: ExceptionContext) -> BaseException | None:
        if context.is_pre_ping:  # a stale connection, which the pool replaces by itself
            return None
        return explain(context.original_exception, parsed, is_lost=context.is_disconnect)

    return engine


async def migrate(engine: AsyncEngine) -> None:
    """Bring the tables to this version; several processes may start at once.

    Raises:
        DatabaseError: the database cannot be opened or changed, or is of a newer version.
    """
    from seollem.db.migrations.upgrade import upgrade  # Alembic takes a while to import

    async with writing(engine, "migrate") as transaction:
        await transaction.run_sync(upgrade)


def _make_ready(path: Path) -> None:
    """Make the file's folder, and refuse early what SQLite would refuse with fewer words."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    for needed in (path.parent, *([path] if path.exists() else ())):
        if not os.access(needed, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _configure_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "secure_delete=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    if mode is not None:
        connection.exec_driver_sql(f"BEGIN {mode}")
