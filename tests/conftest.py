"""Real databases for the tests: an SQLite file, and a PostgreSQL server where it is installed."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import postgres_server
from postgres_server import PostgresServer
from seollem.db.engine import create_engine, migrate

if "PYTEST_XDIST_WORKER" in os.environ:
    # Before torch is imported: threads of several processes would wait for each other's cores.
    os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Skips where PostgreSQL is not installed."""
    tools = postgres_server.installed_tools()
    if tools is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres_server.started(tools) as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'memory.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    server: PostgresServer = request.getfixturevalue("postgres")
    server.empty()
    return server.url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A migrated database of either kind."""
    engine = create_engine(database_url)
    await migrate(engine)
    yield engine
    await engine.dispose()
