"""Alembic's entry: over the program's own connection, or the one that ``alembic`` asks for."""

import asyncio
import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import Connection

from seollem.db.engine import create_engine
from seollem.db.migrations.upgrade import VERSION_TABLE
from seollem.db.models import Base
from seollem.db.transactions import writing

_config = context.config


def _include_name(name: str | None, kind: str, _: object) -> bool:
    """Only our tables: a host bot's own in the same database are none of our business."""
    return kind != "table" or name in Base.metadata.tables


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table=VERSION_TABLE,
        include_name=_include_name,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run_from_the_shell() -> None:
    if _config.config_file_name:
        fileConfig(_config.config_file_name)
    url = os.environ.get("SEOLLEM_DATABASE_URL")
    if not url:
        raise SystemExit("Set SEOLLEM_DATABASE_URL to the database to migrate.")
    engine = create_engine(url)
    async with writing(engine, "migrate") as transaction:
        await transaction.run_sync(_run)
    await engine.dispose()


if (_connection := _config.attributes.get("connection")) is not None:
    _run(_connection)
else:
    asyncio.run(_run_from_the_shell())
