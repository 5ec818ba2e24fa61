"""``python -m db`` from outside and from within."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from seollem.cli.door import run
from seollem.db.consents import Consents
from seollem.db.engine import create_engine, migrate
from seollem.db.histories import Histories
from seollem.db.records import Entry

pytestmark = pytest.mark.slow

main = partial(run, "seollem.db.commands:db")


async def record(url: str) -> None:
    engine = create_engine(url)
    await migrate(engine)
    async with Histories(engine).writing("discord:1") as history:
        at = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
        conversation = await history.begin("guild:1", at)
        await history.append(
            conversation,
            Entry("selfie", 0.61, {"happiness": 0.7, "neutral": 0.2, "놀람": 0.1}, 0.0, "face-1"),
            message_id="77",
            at=at,
        )
        await history.update(conversation, turns=1, weighted_sum=0.61, lost=0.0, last_at=at)
    await engine.dispose()


@pytest.fixture
def remembered(sqlite_url: str) -> str:
    asyncio.run(record(sqlite_url))
    return sqlite_url


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == 0
    return capsys.readouterr().out


def test_a_history_reads_as_a_table(remembered: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = printed(capsys, "--database", remembered, "history", "discord:1")
    assert table.splitlines() == [
        "guild:1 (1 turns)",
        "     1  2026-01-01 09:30  selfie   +0.61  happiness 70%, neutral 20%, 놀람 10%",
    ]


def test_a_history_as_json_is_one_turn_a_line(
    remembered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = printed(capsys, "--database", remembered, "history", "discord:1", "--json")
    turn = json.loads(line)
    assert (turn["place"], turn["number"], turn["affection"]) == ("guild:1", 1, 0.61)
    assert turn["emotions"] == {"happiness": 0.7, "neutral": 0.2, "놀람": 0.1}


def test_what_is_exported_can_be_erased(
    remembered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    export = json.loads(printed(capsys, "--database", remembered, "export", "discord:1"))
    assert export["conversations"][0]["history"][0]["message_id"] == "77"
    erased = printed(capsys, "--database", remembered, "erase", "discord:1")
    assert erased == "Erased discord:1: 1 turns.\n"
    nothing = printed(capsys, "--database", remembered, "history", "discord:1")
    assert nothing == "Nothing is remembered of discord:1.\n"


def test_the_database_may_be_named_by_the_environment(sqlite_url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "db", "upgrade"],
        env=os.environ | {"SEOLLEM_DATABASE_URL": sqlite_url},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "The database is up to date.\n", "")
    assert (tmp_path / "memory.db").exists()


def test_it_finds_the_database_that_the_bot_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The environment, then .env in the folder at hand; an empty variable is none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(
        "SEOLLEM_DATABASE_URL=sqlite:///of-the-file.db\nSEOLLEM_QUEUE_SIZE=many\n"
    )
    monkeypatch.setenv("SEOLLEM_DATABASE_URL", "")
    printed(capsys, "upgrade")
    assert [path.name for path in tmp_path.glob("*.db")] == ["of-the-file.db"]
    monkeypatch.setenv("SEOLLEM_DATABASE_URL", "sqlite:///of-the-environment.db")
    printed(capsys, "upgrade")
    assert (tmp_path / "of-the-environment.db").exists()
    printed(capsys, "--database", "sqlite:///named.db", "upgrade")
    assert (tmp_path / "named.db").exists()


def test_a_file_of_settings_that_cannot_be_read_is_one_line_and_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEOLLEM_DATABASE_URL", raising=False)
    (tmp_path / ".env").write_bytes(b"SEOLLEM_DATABASE_URL=\xff")
    assert main(["upgrade"]) == 1
    assert capsys.readouterr().err == ".env is not UTF-8 text: save it as UTF-8.\n"


@pytest.mark.parametrize("words", [("upgrade",), ("erase", "discord:1")])
def test_an_unusable_database_is_one_line_and_status_1(tmp_path: Path, words: tuple[str]) -> None:
    (tmp_path / "diary.txt").write_text("dear diary\n" * 100)
    command = [sys.executable, "-m", "db", "--database", f"sqlite:///{tmp_path / 'diary.txt'}"]
    done = subprocess.run([*command, *words], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{tmp_path / 'diary.txt'} is not an SQLite database")
    assert done.stderr.count("\n") == 1


def test_who_only_agreed_is_erased_too(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    async def agree() -> None:
        engine = create_engine(sqlite_url)
        await migrate(engine)
        await Consents(engine).agree("local:하나", version=1)
        await engine.dispose()

    asyncio.run(agree())
    erased = printed(capsys, "--database", sqlite_url, "erase", "local:하나")
    assert erased == "Erased local:하나: 0 turns and the agreement.\n"


def test_an_erasure_that_finds_nothing_does_not_look_like_one(
    remembered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--database", remembered, "erase", "local:odd"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Nothing is kept of local:odd, so nothing was erased.")


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("root", "write discord:ID"),
        ("", "or local:NAME"),
        ("local:", "or local:NAME"),
        ("discord: ", "such as discord:123"),
        ("local:a\udcff", "write it in UTF-8"),
    ],
)
@pytest.mark.parametrize("command", ["history", "export", "erase"])
def test_a_name_that_is_nobody_s_is_a_wrong_call(
    command: str, user: str, message: str, sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--database", sqlite_url, command, user]) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_a_name_is_utf_8_even_where_the_system_s_encoding_is_not(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--database", sqlite_url, "upgrade"]) == 0
    as_ascii_hands_it_over = "local:하나".encode().decode("ascii", "surrogateescape")
    line = printed(capsys, "--database", sqlite_url, "history", as_ascii_hands_it_over)
    assert line.endswith("Nothing is remembered of local:하나.\n")


@pytest.mark.parametrize("command", ["history", "export", "erase"])
def test_looking_into_a_file_that_is_not_there_makes_none(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "deeper" / "memory.db"
    assert main(["--database", f"sqlite:///{path}", command, "discord:1"]) == 1
    assert capsys.readouterr().err.startswith(f"There is no database {path}.")
    assert list(tmp_path.iterdir()) == []


def test_the_database_may_be_named_after_the_command_too(
    remembered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = printed(capsys, "history", "discord:1", "--database", remembered)
    assert table.startswith("guild:1")
    elsewhere = ["--database", "sqlite:///elsewhere.db"]  # the last one counts
    assert printed(capsys, *elsewhere, "history", "discord:1", "--database", remembered) == table
    assert main(["erase", "--help"]) == 0
    assert "--database URL" in capsys.readouterr().out


def test_a_database_without_a_name_is_not_the_default_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--database", "", "history", "discord:1"]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_ctrl_c_ends_it_without_a_traceback() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/memory?ssl=disable"
        command = [sys.executable, "-m", "db", "--database", url, "history", "discord:1"]
        # Where the tests run in the background, Ctrl-C is ignored, which processes inherit.
        heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        process = subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=heard)
        with silent.accept()[0]:  # it waits for an answer now
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (130, b"")


def test_hangul_goes_out_whatever_the_system_s_encoding(remembered: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "db", "history", "discord:1", "--database", remembered],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "놀람 10%" in done.stdout
