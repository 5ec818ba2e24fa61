"""make brings the missing system libraries where it may, and names them where it may not."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from checkout import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("make") is None, reason="needs make"),
]


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine on which libegl1 and libgl1 are missing; its commands write down their calls."""

    folder: Path

    def command(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.folder}/calls\n{script}\n')
        path.chmod(0o755)

    def make(self, python: str = "python-without-libraries") -> subprocess.CompletedProcess[str]:
        self.command("python-without-libraries", "echo libegl1 libgl1")
        return subprocess.run(
            ["make", "--no-print-directory", "system-libraries", f"PYTHON={python}"],
            cwd=ROOT,
            env={**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=60,
        )

    @property
    def calls(self) -> str:
        path = self.folder / "calls"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.command("apt-get", "")
    return machine


def test_root_gets_them_installed(machine: Machine) -> None:
    machine.command("id", "echo 0")
    done = machine.make()
    assert done.returncode == 0, done.stderr
    assert "apt-get install -qq --no-install-recommends libegl1 libgl1" in machine.calls


def test_a_user_with_free_sudo_gets_them_installed(machine: Machine) -> None:
    machine.command("id", "echo 1000")
    machine.command("sudo", '[ "$1" = -n ] && shift; exec "$@"')
    done = machine.make()
    assert done.returncode == 0, done.stderr
    assert "sudo env DEBIAN_FRONTEND=noninteractive apt-get install" in machine.calls


def test_other_users_are_told_what_to_install_in_one_line(machine: Machine) -> None:
    machine.command("id", "echo 1000")
    machine.command("sudo", "exit 1")
    done = machine.make()
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert said == [
        "Seollem needs system packages: sudo apt-get install --no-install-recommends libegl1 libgl1"
    ]
    assert "apt-get" not in machine.calls


def test_a_failed_installation_ends_in_the_same_line(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.command("apt-get", "exit 100")
    done = machine.make()
    assert done.returncode != 0
    assert "sudo apt-get install --no-install-recommends libegl1 libgl1" in done.stderr


def test_without_a_suitable_python_it_says_which_one_is_needed(machine: Machine) -> None:
    done = machine.make(python="")
    assert done.returncode != 0
    assert "Seollem needs Python 3.11 or newer" in done.stderr


def planned(*arguments: str) -> str:
    """What make would run."""
    command = ["make", "--no-print-directory", "--dry-run", "--always-make", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


@pytest.mark.parametrize(
    ("stamp", "lock", "extras"),
    [(".venv/.product", "product", ""), (".venv/.development", "development", "[dev,")],
)
def test_all_but_torch_is_installed_from_the_lock(stamp: str, lock: str, extras: str) -> None:
    locked, editable = [line for line in planned(stamp).splitlines() if " install " in line]
    assert f"--require-hashes --no-deps --requirement requirements/{lock}.txt" in locked
    assert f"--editable '.{extras}" in editable


def test_help_explains_each_verb() -> None:
    command = ["make", "--no-print-directory", "help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    explained = {line.split()[1] for line in done.stdout.splitlines() if line}
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert explained == {*phony.split()} - {"system-libraries"}


def test_each_verb_leaves_out_what_its_name_says() -> None:
    assert '-m ""' in planned("test-all")
    assert '-m "not slow and not long"' in planned("test-fast")
    assert " -m pytest" in planned("test")
    assert "mypy" in planned("test")
    assert "lint-imports" in planned("test")


def test_continuous_integration_runs_the_longer_proofs_on_each_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert {"run": ".ci/run"} in job["steps"]
    assert (ROOT / ".ci/run").read_text("utf-8").rstrip().endswith("exec make test-all")
