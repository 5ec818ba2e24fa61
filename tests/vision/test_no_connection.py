"""Reading pictures opens no connection.

The command runs under tests/support/offline.py, where the kernel ends the process at its first
internet socket, whoever asks for it: Python, a native library, any thread. It cannot see what was
passed to another process by other means, such as a service behind a Unix socket.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import offline
from checkout import PORTRAITS
from photographs import ASTRONAUT_FACE, astronaut, encode, paste, texture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not offline.is_supported, reason="seccomp filters are a Linux matter"),
]


def run_offline(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(offline.__file__), *command],
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_reading_pictures_opens_no_connection(tmp_path: Path) -> None:
    """Every pass of the detection, and labels that wake the text tower."""
    pictures = {
        "portrait.jpg": astronaut(),
        "turned.jpg": np.ascontiguousarray(np.rot90(astronaut())),
        "small.jpg": paste(astronaut(), 60 / ASTRONAUT_FACE, texture(2400, 1800), 1500, 900),
        "nobody.jpg": texture(900, 700),
    }
    for name, pixels in pictures.items():
        (tmp_path / name).write_bytes(encode(pixels))
    paths = [str(tmp_path / name) for name in pictures]

    done = run_offline(
        "seollem.vision", "--json", "--labels", "설렘,a feeling never seen before", *paths
    )

    assert done.returncode == 1, done.stderr  # for nobody.jpg; a socket ends it with -31
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(line["faces"]) for line in lines] == [1, 1, 1, 0], done.stderr
    assert lines[3]["error"]["type"] == "NoFaceFound"

    drawn = run_offline(
        "seollem.vision", str(PORTRAITS / "grace_hopper.jpg"), "--annotated", f"{tmp_path}/read.png"
    )
    assert drawn.returncode == 0, drawn.stderr


def test_the_guard_does_end_what_opens_a_connection() -> None:
    assert run_offline("http.server", "0").returncode < 0
