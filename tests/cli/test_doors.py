"""``seollem`` and ``python -m`` of each room are one command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checkout import ROOT

pytestmark = pytest.mark.slow

ROOMS = ("bot", "vision", "scoring", "db", "training")
SEOLLEM = [
    sys.executable,
    "-c",
    "import sys; from seollem.cli.door import seollem as s; sys.exit(s())",
]

# Written when the process ends: the source files that were loaded under two names.
WITNESS = """
import atexit, collections, json, os, sys
def report():
    names, modules = collections.defaultdict(list), dict(sys.modules)
    modules.pop("__mp_main__", None)  # another name that multiprocessing gives to __main__
    for name, module in modules.items():
        source = getattr(module, "__file__", None)
        if source and os.path.realpath(source).startswith({root!r}) and "/.venv/" not in source:
            names[os.path.realpath(source)].append(name)
    twice = [found for found in names.values() if len(found) > 1]
    with open({report!r}, "w") as file:
        json.dump({{"loaded": len(names), "twice": twice}}, file)
atexit.register(report)
"""


def call(*command: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


@pytest.mark.parametrize(
    "command",
    [
        *(["-m", room, "--help"] for room in ROOMS),
        *(["-m", f"seollem.{room}", "--help"] for room in ROOMS),
        ["-m", "bot", "doctor"],
        ["-m", "db", "upgrade"],
        ["-m", "vision", "gone.jpg"],
        ["-m", "scoring", "text", "안녕"],
        ["-m", "training", "prepare", "--source", "gone", "--out", "gone.npz"],
    ],
    ids=" ".join,
)
def test_no_module_is_loaded_under_two_names(command: list[str], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    witness = WITNESS.format(root=str(ROOT), report=str(report))
    (tmp_path / "sitecustomize.py").write_text(witness)
    call(
        sys.executable,
        *command,
        PYTHONPATH=str(tmp_path),
        SEOLLEM_DATABASE_URL=f"sqlite:///{tmp_path / 'memory.db'}",
    )
    found = json.loads(report.read_text())
    assert found["loaded"] > 3
    assert found["twice"] == []


@pytest.mark.parametrize(
    ("arguments", "room"),
    [
        (["vision", "gone.jpg", "--json"], ["vision", "gone.jpg", "--json"]),
        (["vision"], ["vision"]),
        (["text", "--no-such-option"], ["scoring", "text", "--no-such-option"]),
        (["db", "history", "discord:1"], ["db", "history", "discord:1"]),
        (["db", "history", "nobody"], ["db", "history", "nobody"]),
        (["run"], ["bot", "run"]),
        (["chat", "--user", ""], ["bot", "chat", "--user", ""]),
        (["train", "evaluate"], ["training", "evaluate"]),
    ],
)
def test_the_console_command_and_the_rooms_answer_alike(
    arguments: list[str], room: list[str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'gone.db'}"
    ours = call(*SEOLLEM, *arguments, SEOLLEM_DATABASE_URL=url, SEOLLEM_DISCORD_TOKEN="")
    theirs = call(sys.executable, "-m", *room, SEOLLEM_DATABASE_URL=url, SEOLLEM_DISCORD_TOKEN="")
    assert ours.returncode == theirs.returncode != 0
    assert ours.stdout == theirs.stdout
    assert ours.stderr.splitlines()[-1:] == theirs.stderr.splitlines()[-1:]


@pytest.mark.parametrize("room", ROOMS)
def test_without_its_environment_a_checkout_names_make_run(room: str) -> None:
    done = call(sys.executable, "-S", "-m", room, PYTHONPATH="")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("seollem is not installed")
    assert "make run" in line


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['sqlalchemy'] = None\n")
    done = call(*SEOLLEM, "db", "upgrade", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("sqlalchemy is not installed")
    assert "make run" in line


def complete(words: str) -> list[str]:
    count = len(words.split()) - (not words.endswith(" "))
    done = call(
        *SEOLLEM, _SEOLLEM_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(count)
    )
    assert done.returncode == 0, done.stderr
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_a_shell_completes_commands_and_options() -> None:
    assert complete("seollem d") == ["doctor", "db"]
    assert complete("seollem db e") == ["erase", "export"]
    assert "--labels" in complete("seollem vision --")


def test_completing_a_command_s_name_loads_no_command(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, sys\n"
        "atexit.register(lambda: print('loaded:', *{'torch', 'discord', 'mediapipe', 'sqlalchemy'}"
        " & set(sys.modules), file=sys.stderr))\n"
    )
    done = call(
        *SEOLLEM,
        PYTHONPATH=str(tmp_path),
        _SEOLLEM_COMPLETE="bash_complete",
        COMP_WORDS="seollem ",
        COMP_CWORD="1",
    )
    assert "vision" in done.stdout
    assert done.stderr == "loaded:\n"


def test_the_script_for_a_shell_calls_the_console_command() -> None:
    done = call(*SEOLLEM, _SEOLLEM_COMPLETE="zsh_source")
    assert done.returncode == 0
    assert "_SEOLLEM_COMPLETE=zsh_complete seollem" in done.stdout


def test_the_version_is_the_package_s() -> None:
    assert call(*SEOLLEM, "--version").stdout.startswith("seollem, version ")
