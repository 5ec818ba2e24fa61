"""The folders are the architecture."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from checkout import ROOT

PACKAGES = ("bot", "vision", "scoring", "training", "db", "cli")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_the_arrows_between_the_packages_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_other_package_stands_beside_the_six() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True)
    folders = {line.partition("/")[0] for line in listed.stdout.splitlines()}
    assert folders <= {*PACKAGES, "tests", "setup.py"}


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("discord", "bot/"),
        ("mediapipe", "vision/faces.py"),
        ("sqlalchemy", "db/"),
        ("ray", "training/"),
    ],
)
def test_a_library_is_imported_in_its_own_room_only(library: str, home: str) -> None:
    pattern = re.compile(rf"^\s*(import|from) {library}\b", re.MULTILINE)
    users = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert {user for user in users if not user.startswith(home)} <= {"bot/parts.py"}


def test_importing_a_package_imports_the_standard_library_alone() -> None:
    packages = [f"seollem.{package}" for package in PACKAGES]
    # What the environment's own .pth files loaded before, such as setuptools' hack, is not ours.
    code = f"import sys; old = {{*sys.modules}}; import {', '.join(packages)}"
    code += "; print(*{*sys.modules} - old)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    plain = {name for name in loaded if name in sys.stdlib_module_names}
    assert {name for name in loaded - plain if not name.startswith("__")} == {"seollem"}


def test_the_makefile_s_question_needs_nothing_installed() -> None:
    command = [sys.executable, "-I", "-S", "-c", "import runpy; runpy.run_module('bot.libraries')"]
    command[-1] = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {command[-1]}"
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
