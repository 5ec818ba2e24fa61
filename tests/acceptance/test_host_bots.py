"""The plugin in host bots that are laid out as real ones are.

Each host has modules with the names that our folders have in the checkout. The installed plugin
loads beside them, and they stay the host's.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from installed import Environment
from program import Program

pytestmark = pytest.mark.long

OWN = 'OWNER = "the host"\n'
LOADER = '''
import asyncio, importlib, json, sys

import discord
from discord.ext import commands


async def host(*own):
    report = {}
    async with commands.Bot("!", intents=discord.Intents.default()) as bot:
        for name in ("seollem.bot", "seollem.bot.extension", "seollem.bot"):
            await bot.load_extension(name)
            report.setdefault("loaded", []).append([name, len(bot.cogs)])
            report["commands"] = sorted(command.name for command in bot.tree.get_commands())
            report["twice"] = twice()
            await bot.unload_extension(name)
            report["left"] = sorted(bot.cogs)
    report["owners"] = {
        name: getattr(importlib.import_module(name), "OWNER", None) for name in own
    }
    print(json.dumps(report))


def twice():
    """Names of modules of ours that were loaded from a file which is loaded already."""
    names = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if "/seollem/" in file:
            names.setdefault(file, []).append(name)
    return [several for several in names.values() if len(several) > 1]
'''


@dataclass(frozen=True, slots=True)
class Layout:
    """A host's files, what its start loads of its own, and how it is started."""

    files: dict[str, str]
    own: tuple[str, ...] = ()
    command: tuple[str, ...] = ("main.py",)


def main(*own: str, guarded: bool = True) -> str:
    """An entry file that imports modules of the host's, then loads the plugin."""
    start = f"asyncio.run(host(*{own!r}))"
    imports = "".join(f"import {name}\n" for name in own)
    guard = f'if __name__ == "__main__":\n    {start}\n' if guarded else f"{start}\n"
    return f"import asyncio\nfrom loader import host\n{imports}{guard}"


LAYOUTS = {
    "main.py": Layout({"main.py": main()}),
    "bot.py": Layout({"bot.py": main() + OWN}, command=("bot.py",)),
    "bot.py without a main guard": Layout(
        {"bot.py": OWN + main(guarded=False)}, command=("bot.py",)
    ),
    "python -m bot": Layout(
        {
            "bot/__init__.py": OWN,
            "bot/__main__.py": main("bot", "bot.events"),
            "bot/events.py": OWN,
        },
        own=("bot", "bot.events"),
        command=("-m", "bot"),
    ),
    "main.py beside a bot package": Layout(
        {"main.py": main("bot", "bot.parts"), "bot/__init__.py": OWN, "bot/parts.py": OWN},
        own=("bot", "bot.parts"),
    ),
    "db package": Layout(
        {"main.py": main("db", "db.models"), "db/__init__.py": OWN, "db/models.py": OWN},
        own=("db", "db.models"),
    ),
    "db.py": Layout({"main.py": main("db"), "db.py": OWN}, own=("db",)),
    "scoring.py": Layout({"main.py": main("scoring"), "scoring.py": OWN}, own=("scoring",)),
    "vision package": Layout(
        {"main.py": main("vision"), "vision/__init__.py": OWN}, own=("vision",)
    ),
    "bot and db folders without __init__.py": Layout(
        {"main.py": main("bot.greetings", "db.store"), "bot/greetings.py": OWN, "db/store.py": OWN},
        own=("bot.greetings", "db.store"),
    ),
    "training and tests folders": Layout(
        {
            "main.py": main("training", "tests", "tests.helpers"),
            "training/__init__.py": OWN,
            "tests/__init__.py": OWN,
            "tests/helpers.py": OWN,
        },
        own=("training", "tests", "tests.helpers"),
    ),
}


def report_of(host: Path, environment: Environment, layout: Layout) -> dict[str, Any]:
    """Start the host and return what it reports."""
    for name, text in {**layout.files, "loader.py": LOADER}.items():
        (host / name).parent.mkdir(parents=True, exist_ok=True)
        (host / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [environment.python, *layout.command],
        cwd=host,
        env=Program(host).environment() | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_plugin_loads_beside_the_host_s_own_modules(
    layout: Layout, environment: Environment, tmp_path: Path
) -> None:
    report = report_of(tmp_path, environment, layout)
    assert report["loaded"] == [
        ["seollem.bot", 5],
        ["seollem.bot.extension", 5],
        ["seollem.bot", 5],
    ]
    assert {"mood", "selfie", "seollem"} <= set(report["commands"])
    assert report["left"] == []
    assert report["twice"] == []
    assert report["owners"] == dict.fromkeys(layout.own, "the host")
