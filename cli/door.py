"""Runs a command as a program: from the console script, or as ``python -m`` of a room."""

import os
import sys
from collections.abc import Sequence

import click
from click.shell_completion import shell_complete

from seollem.cli.commands import load
from seollem.cli.streams import on_standard_streams

_COMPLETION = "_SEOLLEM_COMPLETE"  # set by the script that completes the command in a shell


def enter(place: str, package: str) -> int:
    """Run ``python -m package`` with the process's arguments and return the exit status.

    Args:
        place: the command, as ``module:attribute``.
        package: the package that was named; in a checkout "bot", elsewhere "seollem.bot". Python
            has imported it by this name, which is forgotten, so that no module is there twice.
    """
    if not package.startswith("seollem."):
        sys.modules.pop(package, None)
    program = f"python -m {package}"
    return on_standard_streams(lambda: run(place, sys.argv[1:], program))


def seollem() -> int:
    """The console script ``seollem``; also completes its own command line in a shell."""

    def complete_or_run() -> int:
        place = "seollem.cli.programs:seollem"
        if instruction := os.environ.get(_COMPLETION):
            return shell_complete(load(place), {}, "seollem", _COMPLETION, instruction)
        return run(place, sys.argv[1:], "seollem")

    return on_standard_streams(complete_or_run)


def run(place: str, arguments: Sequence[str], program: str = "seollem") -> int:
    """Run a command; 0 or what it returns, 1 after a failure, 2 after a wrong call."""
    try:
        command = load(place)
        with command.make_context(program, list(arguments)) as context:
            status = command.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("seollem"):
            raise
        print(
            f"{error.name} is not installed, which Seollem needs. "
            "In a checkout: make run. Elsewhere, install Seollem again.",
            file=sys.stderr,
        )
        return 1
    return status if isinstance(status, int) else 0
