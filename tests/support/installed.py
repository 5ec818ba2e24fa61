"""Builds the wheel and installs it into new environments, with the libraries of this one."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

from checkout import ROOT


def build_wheel(folder: Path) -> Path:
    """Build the wheel from a copy of the tracked files, which leaves nothing in the checkout."""
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).symlink_to(ROOT / name)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    _pip(sys.executable, "wheel", *options, str(source))
    [wheel] = folder.glob("*.whl")
    return wheel


def files_of(wheel: Path) -> set[str]:
    """The names of the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of its own in ``folder`` that holds the wheel."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, wheel: Path) -> "Environment":
        """Install the wheel; its dependencies are found where this interpreter finds them."""
        venv.create(folder, with_pip=False)
        environment = cls(folder)
        shared = [path for path in sys.path if path.endswith("site-packages")]
        (environment.packages / "shared.pth").write_text("\n".join(shared))
        _pip(str(environment.python), "install", "--no-deps", "--no-index", str(wheel))
        return environment

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        variables = {"base": str(self.folder), "platbase": str(self.folder)}
        return Path(sysconfig.get_path("purelib", "venv", vars=variables))


def _pip(python: str, command: str, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "--quiet", command, *arguments],
        check=True,
        timeout=300,
    )
