"""Every --help opens with an example that can be copied and is understood."""

import argparse
import importlib
import re
import shlex
from collections.abc import Callable

import pytest

from seollem.training.__main__ import COMMANDS, parser_of

# "python -m training finetune …", also where a launcher starts it
EXAMPLE = re.compile(r"\s+(?:python|accelerate launch --num_processes \d+) -m (\w+)( .*)?")
PLACEHOLDER = re.compile(r"…|\.\.\.|\b[A-Z]{3,}\b")


def examples(text: str) -> list[list[str]]:
    """The commands of a help text, in words; a backslash goes on in the next line."""
    lines = text.replace("\\\n", " ").splitlines()
    found = (EXAMPLE.fullmatch(line.partition("  #")[0]) for line in lines)
    return [[match[1], *shlex.split(match[2] or "")] for match in found if match]


def opening(text: str) -> str:
    """The second paragraph of a description: what follows the sentence that says what it does."""
    return text.split("\n\n")[2]  # the first is the usage


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_training_command_opens_with_examples_that_run(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser_of([command]).parse_args([command, "--help"])
    text = capsys.readouterr().out
    first, *_ = examples(opening(text))
    assert first[:2] == ["training", command]
    for program, *arguments in examples(text):
        assert not PLACEHOLDER.search(" ".join(arguments))
        if program == "training":
            args = parser_of(arguments[:1]).parse_args(arguments)
            assert args.execute.__module__ == f"seollem.training.{COMMANDS[arguments[0]][0]}"


@pytest.mark.parametrize("program", ["training", "vision", "scoring", "db", "bot"])
def test_help_of_a_program_opens_with_examples_that_run(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = parsers()[program]
    with pytest.raises(SystemExit):
        parser([]).parse_args(["--help"])
    text = capsys.readouterr().out
    first, *_ = examples(opening(text))
    assert first[0] == program
    for name, *arguments in examples(text):
        assert name == program
        parser(arguments[:1]).parse_args(shell_free(arguments))


def parsers() -> dict[str, Callable[[list[str]], argparse.ArgumentParser]]:
    def one_for_all(name: str) -> Callable[[list[str]], argparse.ArgumentParser]:
        module = importlib.import_module(f"seollem.{name}.__main__")
        return lambda _: module._parser()

    others = ("vision", "scoring", "db", "bot")
    return {"training": parser_of} | {name: one_for_all(name) for name in others}


def shell_free(arguments: list[str]) -> list[str]:
    """Without what the shell takes for itself: < FILE and > FILE."""
    places = [n for n, word in enumerate(arguments) if word in "<>"]
    return arguments[: places[0]] if places else arguments
