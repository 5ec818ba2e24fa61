"""The standard streams of the commands: no encoding, end or closing is a crash."""

import os
import subprocess
import sys

import pytest

from checkout import ROOT

pytestmark = pytest.mark.slow

needs_full_device = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")

ANSWER = r"print('\uc124\ub818') or 0"  # 설렘, for a command line in any encoding
MANY_ANSWERS = r"[print('\uc124\ub818' * 99) for _ in range(9999)] and 0"


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-c", line],
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        timeout=600,
    )


def program(main: str) -> str:
    """A program whose main function is the expression, as words of a shell."""
    code = f"import sys, seollem.cli.streams as s; sys.exit(s.on_standard_streams(lambda: {main}))"
    return f'{sys.executable} -c "{code}"'


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "euc-kr"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
)
def test_hangul_goes_out_as_utf_8(variables: dict[str, str]) -> None:
    done = shell(program(ANSWER), **variables)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "설렘\n", b"")


@pytest.mark.parametrize("main", [ANSWER, MANY_ANSWERS])
def test_a_reader_that_has_gone_ends_it_in_silence(main: str) -> None:
    done = shell(f"(sleep 0.5; {program(main)}) | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


@needs_full_device
@pytest.mark.parametrize("variables", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_a_full_disk_is_one_line(variables: dict[str, str]) -> None:
    done = shell(f"{program(ANSWER)} > /dev/full", **variables)
    [line] = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith(b"Writing failed: No space left on device. Make room")


@needs_full_device
def test_where_nothing_can_be_said_the_status_says_it() -> None:
    assert shell(f"{program(ANSWER)} > /dev/full 2> /dev/full").returncode == 1
    done = shell(f"{program('print(0, file=sys.stderr) or 0')} 2>&-")
    assert (done.returncode, done.stdout) == (0, b"")


def test_ctrl_c_is_no_crash() -> None:
    done = shell(program("exec('raise KeyboardInterrupt')"))
    assert (done.returncode, done.stderr) == (130, b"")


def test_what_is_a_mistake_of_ours_is_not_hidden() -> None:
    done = shell(program("open('nowhere')"))
    assert done.returncode == 1
    assert b"FileNotFoundError" in done.stderr


@pytest.mark.parametrize("package", ["bot", "db", "vision", "scoring", "training"])
def test_every_program_speaks_utf_8_and_needs_its_standard_output(package: str) -> None:
    command = f"{sys.executable} -m {package} --help"
    done = shell(command, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(f"Usage: python -m {package}".encode())
    done = shell(f"{command} >&-")
    assert done.returncode == 1
    assert done.stderr.startswith(b"Standard output is closed")
    assert done.stderr.count(b"\n") == 1
