"""What the README says is so: commands, settings, links, and the output it shows."""

import itertools
import json
import re
import subprocess
from pathlib import Path

import discord
import pytest
from discord.ext import commands

from checkout import ROOT
from program import FirstRun, Program
from seollem.bot.settings import Settings
from seollem.bot.terminal.dialogue import COMMANDS
from seollem.bot.wording.locales import texts
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, display_name

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(command: str) -> list[str]:
    """The lines below a command in a block of the README that shows its output."""
    found = re.search(
        rf"^```\w*\n\$ {re.escape(command)}\n(.*?)^```", README, re.DOTALL | re.MULTILINE
    )
    assert found is not None, f"the README does not show {command}"
    return found[1].splitlines()


MESSAGE_EMOTIONS = {display_name(label, "en") for label in KOTE} - {
    display_name(label, "en") for label in FACE_EMOTIONS
}
MESSAGE_EMOTION = re.compile(
    "|".join(map(re.escape, sorted(MESSAGE_EMOTIONS, key=len, reverse=True)))
)
FIGURE = re.compile(rf"({MESSAGE_EMOTION.pattern})\s+([-+]?[\d.]+)")
NEARLY_TIED = 5.0  # points of 100: 8-bit products are summed with 7 bits on older x86


def shape(line: str) -> str:
    """A line without its figures and bars, which another processor may round otherwise."""
    line = MESSAGE_EMOTION.sub("(of a message)", line)
    return re.sub(r"[\d.]+|[█▏▎▍▌▋▊▉]+|\s+|[-+](?=\d)", " ", line).strip()


def shapes(lines: list[str]) -> list[str]:
    """Their shapes, tables sorted: another processor may swap emotions that are nearly tied."""
    found: list[str] = []
    for is_table, group in itertools.groupby(lines, key=lambda line: "%" in line):
        rows = list(map(shape, group))
        found += sorted(rows) if is_table else rows
    return found


def figures(lines: list[str]) -> list[dict[str, float]]:
    """The emotions of a message in each table and list, with the figure beside each.

    Several of the 44 are nearly tied, and another processor may show others of those.
    """
    found = []
    for _, group in itertools.groupby(lines, key=lambda line: ("%" in line, " ·" in line)):
        if own := {name: float(figure) for name, figure in FIGURE.findall(" ".join(group))}:
            found.append(own)
    return found


def test_the_tour_looks_as_shown(tour: tuple[Program, subprocess.CompletedProcess[str]]) -> None:
    shown = [line for line in block("make run") if not line.startswith("Installing")]
    printed = tour[1].stderr.splitlines()  # no terminal is there to show it in
    printed = printed[: len(shown)]
    assert shapes(shown) == shapes(printed)
    for ours, theirs in zip(figures(shown), figures(printed), strict=True):
        both = ours.keys() & theirs.keys()
        assert both
        assert {name: ours[name] for name in both} == pytest.approx(
            {name: theirs[name] for name in both}, abs=NEARLY_TIED
        )
        for some, others in ((ours, theirs), (theirs, ours)):
            least = min(map(abs, others.values()))
            assert all(abs(some[name]) <= least + NEARLY_TIED for name in some.keys() - both)


def test_the_pipe_answers_as_shown(first_run: FirstRun) -> None:
    command = "printf '%s\\n' bot/portraits/astronaut.jpg /mood | seollem chat --json"
    for line, answer in zip(block(command), first_run.answers, strict=True):
        shown = json.loads(line)
        assert shown.keys() == answer.keys()
        assert shown["turn"] == answer["turn"]
        assert shown["conversation"]["turns"] == answer["conversation"]["turns"]
        assert shown["emotions"] == pytest.approx(answer["emotions"], abs=0.02)
        assert shown["percent"] == pytest.approx(answer["percent"], abs=2)
        assert all(len(part) <= 6 for part in re.findall(r"\d\.(\d+)", json.dumps(answer)))


def test_the_two_commands_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make (\w+)|^make (\w+)", README, re.MULTILINE)):
        assert f"\n{''.join(target)}:" in makefile


def test_a_host_bot_listens_as_shown() -> None:
    host = commands.Bot(command_prefix="!", intents=discord.Intents.none())
    [snippet] = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    exec(snippet, {"host": host})  # noqa: S102  our own
    assert set(host.extra_events) == {"on_affection_turn", "on_mood_change"}


def test_the_settings_are_all_there_with_their_defaults() -> None:
    rows = dict(re.findall(r"^\| `SEOLLEM_(\w+)` \| (.*?) \|", README, re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, int | float):
            assert float(rows[name.upper()].strip("`")) == field.default, name


def test_what_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
    headings = {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }
    for anchor in re.findall(r"\]\(#([^)]+)\)", README):
        assert anchor in headings


def test_the_slash_commands_are_real() -> None:
    discord = {
        texts(language)[key]
        for language in ("en", "ko")
        for key in texts(language)
        if key.startswith("command.") and key.endswith(".name")
    }
    for command in re.findall(r"`/(\w+)", README):
        assert command in COMMANDS or command in discord, command


def test_the_folders_are_the_packages() -> None:
    folders = set(re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE))
    assert folders == {path.parent.name for path in Path(ROOT).glob("*/py.typed")}
