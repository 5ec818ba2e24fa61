"""Runs that were killed, and runs of several processes."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from seollem.training.data.faces import FaceSet
from seollem.training.errors import CheckpointError
from seollem.training.runs.folder import STATE_FILE, load_state, replacing
from training_command import main

pytestmark = pytest.mark.slow

SMALL = ["--preset", "smoke", "--epochs", "2", "--set", "batch_size=28", "--set", "image_size=32"]
PROCESS_OWN = ("running_mean", "running_var", "num_batches_tracked")  # of what each one saw
EXACT = ["--set", "bfloat16=false", "--set", "accumulate=2"]

# The process kills itself in the middle of writing the second epoch's state.
KILLED = """
import os, signal, sys, torch
from seollem.cli.door import run
save, calls = torch.save, []
def half(state, path):
    calls.append(path)
    if len(calls) == 2:
        path.write_bytes(b"half of it")
        os.kill(os.getpid(), signal.SIGKILL)
    save(state, path)
torch.save = half
run("seollem.training.commands:training", sys.argv[1:])
"""


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


@pytest.fixture(scope="module")
def command(data: Path, towers: list[str]) -> list[str]:
    return [
        "finetune",
        *SMALL,
        *EXACT,
        "--logger",
        "csv",
        "--data",
        str(data),
        *towers,
        "--threads",
        "1",
    ]


@pytest.fixture(scope="module")
def uninterrupted(command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("uninterrupted")
    assert main([*command, "--out", str(out)]) == 0
    return out


def test_a_run_killed_while_saving_goes_on_to_the_same_weights(
    command: list[str], uninterrupted: Path, tmp_path: Path
) -> None:
    command = [*command, "--out", str(tmp_path)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *command], capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    state = load_state(tmp_path)  # the first epoch's, whole
    assert state is not None
    assert len(state["history"]) == 1
    assert main(command) == 0
    expected = weights(uninterrupted)
    for name, tensor in weights(tmp_path).items():
        assert torch.equal(tensor, expected[name]), name
    assert not (tmp_path / ".partial").exists()


def test_two_processes_learn_what_one_learns_in_two_parts(
    command: list[str], uninterrupted: Path, tmp_path: Path
) -> None:
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
    alone = {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    arguments = [*command, "--set", "accumulate=1", "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, *launch, "training", *arguments],
        env=os.environ | alone,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    expected = weights(uninterrupted)
    for name, tensor in weights(tmp_path).items():
        if not name.endswith(PROCESS_OWN):
            assert torch.allclose(tensor, expected[name], atol=1e-3), name


def test_files_take_their_places_only_once_all_are_whole(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path) as folder:
        (folder / "config.json").write_text(f"{1 / 0}")
    assert (tmp_path / "config.json").read_text() == "old"
    with replacing(tmp_path) as folder:
        (folder / "config.json").write_text("new")
    assert (tmp_path / "config.json").read_text() == "new"


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(CheckpointError, match="damaged"):
        load_state(tmp_path)


@pytest.mark.parametrize("other", ["labels", "backbone"])
def test_a_run_that_learned_from_something_else_is_refused_and_its_record_stands(
    other: str,
    command: list[str],
    uninterrupted: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, command = tmp_path / "run", list(command)
    shutil.copytree(uninterrupted, out)
    record = (out / "settings.json").read_bytes()
    place = command.index("--data" if other == "labels" else "--backbone") + 1
    source = Path(command[place])
    command[place] = str(tmp_path / source.name)
    if other == "labels":
        faces = FaceSet.load(source)
        faces.votes[0] = faces.votes[1]
        faces.save(tmp_path / source.name)
    else:
        shutil.copytree(source, tmp_path / source.name)
    assert main([*command, "--out", str(out)]) == 1
    assert (
        "data (was" if other == "labels" else "sources.backbone (was"
    ) in capsys.readouterr().err
    assert (out / "settings.json").read_bytes() == record


def test_a_folder_that_cannot_be_written_is_told_before_any_work(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main([*command, "--out", str(tmp_path / "file" / "run")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_the_state_of_another_architecture_is_refused(
    command: list[str], uninterrupted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = load_state(uninterrupted)
    assert state is not None
    state["objective"].popitem()
    torch.save(state, tmp_path / STATE_FILE)
    assert main([*command, "--out", str(tmp_path)]) == 1
    assert "another architecture" in capsys.readouterr().err
