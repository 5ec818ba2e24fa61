"""Every --help opens with an example that can be copied and is understood."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from seollem.cli.commands import load
from seollem.cli.door import run

SEOLLEM = "seollem.cli.programs:seollem"
ROOMS = ("bot", "vision", "scoring", "db", "training")

pytestmark = pytest.mark.slow

# "seollem train finetune …"; a launcher starts the module
EXAMPLE = re.compile(r"\s+(seollem|(?:python|accelerate launch --num_processes \d+) -m \w+)( .*)?")
PLACEHOLDER = re.compile(r"…|\.\.\.|\b[A-Z]{3,}\b")


def examples(text: str) -> list[list[str]]:
    """The commands of a help text, in words; a backslash goes on in the next line."""
    lines = text.replace("\\\n", " ").splitlines()
    found = (EXAMPLE.fullmatch(line.partition("  #")[0]) for line in lines)
    return [[match[1].split()[-1], *shlex.split(match[2] or "")] for match in found if match]


def opening(text: str) -> str:
    """The second paragraph of a description: what follows the sentence that says what it does."""
    return text.split("\n\n")[2]  # the first is the usage


def paths(command: click.Command, *before: str) -> Iterator[tuple[str, ...]]:
    """The names that lead to a command and to those below it."""
    yield before
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            if before == ("train",):  # seconds of imports
                yield (*before, name)
            else:
                below = command.get_command(click.Context(command), name)
                assert below is not None
                yield from paths(below, *before, name)


def understood(program: str, *words: str) -> click.Command:
    """The command that the words call, once it has understood the rest of them."""
    command = load(SEOLLEM if program == "seollem" else f"seollem.{program}.commands:{program}")
    given = list(words)
    while isinstance(command, click.Group) and given:
        below = command.get_command(click.Context(command), given.pop(0))
        assert below is not None, words
        command = below
    command.make_context(program, given)
    return command


def shell_free(arguments: list[str]) -> list[str]:
    """Without what the shell takes for itself: < FILE and > FILE."""
    places = [n for n, word in enumerate(arguments) if word in "<>"]
    return arguments[: places[0]] if places else arguments


@pytest.mark.parametrize("path", [*paths(load(SEOLLEM))], ids=" ".join)
def test_help_opens_with_examples_of_the_command_that_run(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(SEOLLEM, [*path, "--help"]) == 0
    text = capsys.readouterr().out
    (program, *first), *_ = examples(opening(text))
    assert program == "seollem"
    assert tuple(first[: len(path)]) == path
    for name, *arguments in examples(text):
        assert not PLACEHOLDER.search(" ".join(arguments))
        understood(name, *shell_free(arguments))


@pytest.mark.parametrize("room", ROOMS)
def test_help_of_a_room_opens_with_examples_that_run(
    room: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(f"seollem.{room}.commands:{room}", ["--help"], f"python -m {room}") == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: python -m {room} ")
    found = examples(opening(text))
    assert found
    for name, *arguments in found:
        understood(name, *shell_free(arguments))
