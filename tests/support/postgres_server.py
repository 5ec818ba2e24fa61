"""A PostgreSQL server in a temporary folder, where PostgreSQL is installed."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


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


def installed_tools() -> Path | None:
    """The folder of initdb, psql and the others."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = installed[-1] if installed else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def started(tools: Path) -> Iterator[PostgresServer]:
    """Start a server in about two seconds; stop it and remove its folder at the end."""
    # The server refuses to run as root, so root lends it the account that Debian made for it.
    account = "postgres" if os.geteuid() == 0 else None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="seollem-postgres-"))
    if account:
        shutil.chown(folder, account, account)

    data = folder / "data"

    def quietly(tool: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [tools / tool, *arguments],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=account,
            group=account,
        )

    try:
        cluster = ("-D", data, "--no-sync", "-A", "trust", "-U", "seollem", "-E", "UTF8")
        if quietly("initdb", *cluster, "--locale=C").wait():
            raise RuntimeError("initdb failed")
        (data / "pg_hba.conf").write_text(
            "host locked all 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
        )
        options = ("-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F", "-N", "200")
        process = quietly("postgres", "-D", data, *options)
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
