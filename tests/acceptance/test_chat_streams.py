"""Standard streams that are closed or full, and names that are none: a message, no traceback."""

import os
import subprocess

import pytest

from program import Program

pytestmark = pytest.mark.slow

needs_full_device = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")


def shell(program: Program, command: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which SEOLLEM stands for ``python -m bot``."""
    return subprocess.run(
        command.replace("SEOLLEM", " ".join(program.command())),
        shell=True,
        env=program.environment(**variables),
        cwd=program.folder,
        capture_output=True,
        timeout=600,
    )


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("SEOLLEM chat <&-", b"Standard input is closed"),
        ("echo /help | SEOLLEM chat --json >&-", b"Standard output is closed"),
        pytest.param(
            "echo /help | SEOLLEM chat --json >/dev/full", b"No space left", marks=needs_full_device
        ),
        pytest.param("SEOLLEM doctor >/dev/full", b"No space left", marks=needs_full_device),
    ],
)
def test_a_stream_that_is_closed_or_full_ends_in_one_line(
    command: str, said: bytes, program: Program
) -> None:
    done = shell(program, command)
    assert done.returncode == 1
    assert done.stdout == b""
    [line] = done.stderr.splitlines()
    assert said in line


def test_where_stderr_is_closed_the_answers_are_the_same(program: Program) -> None:
    done = shell(program, "echo /selfie gone.jpg | SEOLLEM chat --json 2>&-")
    assert done.returncode == 0
    [line] = done.stdout.splitlines()
    assert b'"FileMissing"' in line


@needs_full_device
def test_a_notice_that_cannot_be_printed_is_not_agreed_to(program: Program) -> None:
    command = "echo /selfie gone.jpg | SEOLLEM chat --json --user me 2>/dev/full"
    assert shell(program, command).returncode == 1
    done = shell(program, "echo /privacy | SEOLLEM chat --json --user me")
    assert b"have not agreed" in done.stdout


def test_notes_that_nobody_reads_end_the_chat_in_silence(program: Program) -> None:
    command = "yes /selfie gone.jpg | head -n 99 | SEOLLEM chat --json 2>&1 >/dev/null | head -n 1"
    done = shell(program, command)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


@pytest.mark.parametrize("name", ["''", "' '", "$(printf 'a\\377')"])
def test_what_is_no_name_is_refused_as_other_wrong_arguments_are(
    name: str, program: Program
) -> None:
    done = shell(program, f"echo /help | SEOLLEM chat --user {name}")
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"'--user'" in done.stderr
    assert not list(program.folder.rglob("*.db"))


def test_the_tour_is_no_answer(program: Program) -> None:
    done = shell(program, "echo /help | SEOLLEM chat", LANG="ko_KR.UTF-8")
    assert done.returncode == 0
    assert done.stdout.decode().startswith("글을 적으면")
    assert "astronaut.jpg" in done.stderr.decode()
