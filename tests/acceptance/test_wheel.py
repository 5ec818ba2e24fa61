"""The wheel in a new environment: what is in it, that it runs, and what it says without weights."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from checkout import ROOT
from installed import Environment, files_of
from program import Program

PACKAGES = sorted(init.parent.name for init in ROOT.glob("*/__init__.py"))


def tracked(*folders: str) -> set[str]:
    """The tracked files of some folders, as paths from the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.split("\0") if (ROOT / name).is_file()}


@pytest.mark.long
def test_the_wheel_holds_the_packages_below_seollem_and_nothing_else(wheel: Path) -> None:
    files = {name for name in files_of(wheel) if ".dist-info/" not in name}
    assert files == {f"seollem/{name}" for name in tracked(*PACKAGES)}


@pytest.mark.long
def test_the_installed_command_runs_the_tour(environment: Environment, tmp_path: Path) -> None:
    done = run(environment, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "astronaut.jpg" in done.stderr
    assert "Conversation so far" in done.stderr


@pytest.mark.long
def test_the_installed_program_reads_with_the_weights_of_the_wheel(
    environment: Environment, tmp_path: Path
) -> None:
    done = run(environment, tmp_path, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAIL" not in done.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    "missing",
    [
        "vision/weights",
        "vision/weights/model.safetensors",
        "vision/weights/text",
        "scoring/weights/text",
        "scoring/weights/label_weights.json",
    ],
)
def test_doctor_names_the_weights_that_an_installation_lacks(
    wheel: Path, tmp_path: Path, missing: str
) -> None:
    environment = Environment.create(tmp_path / "environment", wheel)
    lost = environment.packages / "seollem" / missing
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    done = run(environment, tmp_path, "doctor")
    assert done.returncode == 1
    [line] = [line for line in done.stdout.splitlines() if line.startswith("FAIL  weights")]
    assert str(lost) in line
    assert "nstall" in line
    assert "Traceback" not in done.stderr


def run(
    environment: Environment, folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """The command ``seollem``, far from the checkout."""
    variables = Program(folder).environment() | {"PYTHONPATH": ""}
    return subprocess.run(
        [environment.python.with_name("seollem"), *arguments],
        cwd=folder,
        env=variables | {"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
