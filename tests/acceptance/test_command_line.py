"""What `seollem` does before any work: help without weight, errors in one line."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from checkout import ROOT
from offline import is_supported
from program import OFFLINE, Program

pytestmark = pytest.mark.slow

HEAVY = ("torch", "transformers", "mediapipe", "cv2", "discord", "matplotlib", "sqlalchemy")


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        ("seollem.cli.programs:seollem", ["--help"]),
        ("seollem.cli.programs:seollem", ["chat", "--help"]),
        ("seollem.cli.programs:seollem", ["vision", "--help"]),
        ("seollem.cli.programs:seollem", ["text", "--help"]),
        ("seollem.cli.programs:seollem", ["train", "--help"]),
        ("seollem.bot.commands:bot", ["--help"]),
    ],
)
def test_help_loads_nothing_heavy(place: str, arguments: list[str]) -> None:
    code = (
        f"import sys\nfrom seollem.cli.door import run\nrun({place!r}, {arguments!r})\n"
        f"print('loaded:', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: seollem")
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_run_without_a_token_says_where_to_get_one(program: Program) -> None:
    done = program.run("run")
    assert done.returncode == 1
    assert done.stderr.startswith("There is no SEOLLEM_DISCORD_TOKEN")
    assert len(done.stderr.splitlines()) == 1


def test_what_is_no_token_is_told_at_once_and_takes_no_connection(program: Program) -> None:
    done = program.run(SEOLLEM_DISCORD_TOKEN="abc", offline=is_supported)
    assert done.returncode == 1
    assert done.stderr.startswith("SEOLLEM_DISCORD_TOKEN is not a bot's token: copy it from")
    assert len(done.stderr.splitlines()) == 1


class Unauthorized(http.server.BaseHTTPRequestHandler):
    """Discord, to whoever comes with a wrong token."""

    def do_GET(self) -> None:
        body = b'{"message": "401: Unauthorized", "code": 0}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def discord_address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Unauthorized)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    server.server_close()


def run_on(address: str, program: Program) -> subprocess.CompletedProcess[str]:
    """``seollem run`` with Discord at another address."""
    code = (
        f"import sys, discord.http\ndiscord.http.Route.BASE = {address!r}\n"
        "from seollem.cli.door import run\nsys.exit(run('seollem.bot.commands:bot', ['run']))"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env=program.environment(SEOLLEM_DISCORD_TOKEN="MTIz.abc.def"),
        cwd=program.folder,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_token_that_discord_does_not_know_is_told_in_one_line(
    program: Program, discord_address: str
) -> None:
    done = run_on(discord_address, program)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Discord does not know this SEOLLEM_DISCORD_TOKEN")
    assert "MTIz.abc.def" not in done.stderr + done.stdout
    assert "alembic" not in done.stderr  # nor what else people cannot act on
    assert "voice" not in done.stderr


def test_no_way_to_discord_is_told_in_one_line(program: Program) -> None:
    done = run_on("http://127.0.0.1:9/api", program)  # nobody listens there
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Discord cannot be reached")


def test_output_that_nobody_reads_is_no_error(program: Program) -> None:
    done = subprocess.run(
        f"yes /help | {' '.join(program.command())} chat --user me | head -n 1",
        shell=True,
        env=program.environment(),
        cwd=program.folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(not is_supported, reason="needs seccomp")
def test_the_offline_launcher_does_end_what_opens_an_internet_socket(program: Program) -> None:
    done = subprocess.run([sys.executable, str(OFFLINE), "http.server", "0"], timeout=20)
    assert done.returncode == -31  # SIGSYS
