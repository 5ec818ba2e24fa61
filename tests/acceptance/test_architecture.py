"""The folders are the architecture."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "vision", "scoring", "training", "db")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_the_arrows_between_the_packages_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_other_package_stands_beside_the_five() -> None:
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


def test_packages_are_built_by_nobody_s_import() -> None:
    for package in PACKAGES:
        text = (ROOT / package / "__init__.py").read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import|from) ", text, re.MULTILINE), package
