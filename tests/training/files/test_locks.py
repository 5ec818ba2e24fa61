"""Two commands never write into one folder at the same time."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout import PORTRAITS, ROOT
from seollem.training.errors import FolderInUse
from seollem.training.files.locks import alone_in
from training_command import main

Held = tuple[Path, subprocess.Popen[str]]
HOLD = """
import sys
from collections.abc import Iterator
from pathlib import Path
from seollem.training.files.locks import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    """A folder that another process writes into, and the process."""
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield folder, process
    process.kill()
    process.communicate()


def test_a_folder_in_use_is_refused_until_its_command_ends(held: Held) -> None:
    folder, process = held
    with pytest.raises(FolderInUse, match="another --out"), alone_in(folder):
        pass
    process.communicate("")
    with alone_in(folder):
        pass


def test_a_killed_command_keeps_nothing(held: Held) -> None:
    folder, process = held
    process.kill()
    process.wait()
    with alone_in(folder):
        pass


def test_a_refused_run_changes_nothing_of_the_running_one(
    held: Held, data: Path, towers: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = held
    command = ["finetune", "--preset", "smoke", "--data", str(data), *towers, "--threads", "1"]
    assert main([*command, "--out", str(folder)]) == 1
    assert "Another command is writing" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_annotate_does_not_write_into_anothers_data_set(
    held: Held, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = held
    assert main(["annotate", str(PORTRAITS), "--out", str(folder)]) == 1
    assert "Another command is writing" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [".lock"]
