"""Runs the program as people run it: a process of its own, with a memory of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkout import ROOT

OFFLINE = ROOT / "tests" / "support" / "offline.py"


@dataclass(frozen=True, slots=True)
class Program:
    """``python -m bot`` on a computer whose user's data lies in ``folder``."""

    folder: Path

    def run(
        self,
        *arguments: str,
        lines: Iterable[str] = (),
        offline: bool = False,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end of ``lines``; ``offline``: an internet socket ends it with SIGSYS."""
        return subprocess.run(
            [*self.command(offline), *arguments],
            input="".join(f"{line}\n" for line in lines),
            env=self.environment(**variables),
            cwd=self.folder,  # no .env of ours is near
            capture_output=True,
            encoding="utf-8",
            timeout=600,  # a slow machine is no failure
            check=False,
        )

    def chat(self, *lines: str, **options: Any) -> list[dict[str, Any]]:
        """The objects that ``chat --json`` answers with."""
        done = self.run("chat", "--json", "--user", "하나", lines=lines, **options)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def command(self, offline: bool = False) -> Sequence[str]:
        """The interpreter and the module."""
        launcher = [str(OFFLINE)] if offline else ["-m"]
        return [sys.executable, *launcher, "bot"]

    def environment(self, **variables: str) -> dict[str, str]:
        """This environment without our settings, with the user's data in ``folder``."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SEOLLEM_", "LC_"))}
        return {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "XDG_DATA_HOME": str(self.folder),
            "LANG": "en_US.UTF-8",
            **variables,
        }


@dataclass(frozen=True, slots=True)
class FirstRun:
    """A portrait and ``/mood``, piped into the chat for the first time."""

    program: Program
    answers: list[dict[str, Any]]
