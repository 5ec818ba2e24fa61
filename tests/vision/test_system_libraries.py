"""On a bare server, where the libraries that OpenCV and MediaPipe load are missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from checkout import PORTRAITS, ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the dynamic linker is Linux's"),
]
FIND = """
from seollem.vision.errors import ModelError
from seollem.vision.faces import FULL_RANGE, WEIGHTS, BlazeFace
for _ in range(2):
    try:
        BlazeFace(WEIGHTS / FULL_RANGE)
    except ModelError as error:
        print(type(error).__name__, error)
"""


def run(library: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / library).touch()  # found first, and not to be loaded
    return subprocess.run(
        [sys.executable, *arguments],
        env={"LD_LIBRARY_PATH": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    picture = str(PORTRAITS / "astronaut.jpg")
    done = run("libGL.so.1", tmp_path, "-m", "vision", "--json", picture)
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("Finding faces takes a library that does not load here")
    assert "libGL.so.1" in line
    assert "`seollem doctor`" in line


def test_so_does_training(tmp_path: Path) -> None:
    done = run("libGL.so.1", tmp_path, "-m", "training", "merge", "--help")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "libGL.so.1" in line
    assert "`seollem doctor`" in line


def test_so_does_a_detector_whose_own_library_does_not_load(tmp_path: Path) -> None:
    done = run("libEGL.so.1", tmp_path, "-c", FIND)
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    assert all(line.startswith("MissingLibrary") and "libEGL.so.1" in line for line in lines)
