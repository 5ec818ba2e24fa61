"""Real databases for the tests: an SQLite file, and a PostgreSQL server where it is installed."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.engine import create_engine, migrate

if "PYTEST_XDIST_WORKER" in os.environ:
    # Before torch is imported: threads of several processes would wait for each other's cores.
    os.environ["OMP_NUM_THREADS"] = "1"


@dataclass(frozen=True)
class PostgresServer:
    """A server in a temporary folder. The database ``locked`` asks for a password."""

    tools: Path
    port: int

    def run(self, tool: str, *arguments: str) -> None:
        address = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "seollem")
        subprocess.run([self.tools / tool, *address, *arguments], check=True, capture_output=True)

    @property
    def url(self) -> str:
        return f"postgresql://seollem@127.0.0.1:{self.port}/postgres"

    def empty(self) -> None:
        """Drop whatever a test left; much faster than a new database each time."""
        self.run("psql", "-c", "DROP SCHEMA public CASCADE; CREATE SCHEMA public", "postgres")


def _postgres_tools() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = installed[-1] if installed else shutil.which("initdb")
    return Path(found).parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Starts in about two seconds; skips where PostgreSQL is not installed."""
    tools = _postgres_tools()
    if tools is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # The server refuses to run as root, so root lends it the account that Debian made for it.
    account = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="seollem-postgres-"))
    if account:
        shutil.chown(folder, **account)

    data = folder / "data"
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **account}
    try:
        cluster = ("-D", data, "--no-sync", "-A", "trust", "-U", "seollem", "-E", "UTF8")
        subprocess.run([tools / "initdb", *cluster, "--locale=C"], check=True, **quiet)
        (data / "pg_hba.conf").write_text(
            "host locked all 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
        )
        options = ("-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F", "-N", "200")
        process = subprocess.Popen([tools / "postgres", "-D", data, *options], **quiet)
        try:
            server = PostgresServer(tools, port)
            _wait_for(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once, without saving anything
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            server.run("pg_isready", "-d", "postgres")
        except subprocess.CalledProcessError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL did not start")


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
