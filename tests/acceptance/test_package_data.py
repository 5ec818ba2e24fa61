"""What lies in the packages besides code is installed with them."""

import subprocess
import tomllib
from pathlib import PurePath

from checkout import ROOT


def test_every_file_of_a_package_is_installed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    patterns = settings["package-data"]["*"]
    packages = ("bot", "vision", "scoring", "training", "db", "cli")
    listed = subprocess.run(
        ["git", "ls-files", *packages], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [name for name in listed.stdout.splitlines() if not name.endswith(".py")]
    assert len(files) > 30
    assert [f for f in files if not any(PurePath(f).match(p) for p in patterns)] == []
