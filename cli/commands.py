"""Commands of Click with our help texts, and groups that load a command when it is asked for.

COMMANDS = {"fetch": ("package.module:fetch", "fetch the data")}

@click.group(cls=LazyGroup, table=COMMANDS, help=__doc__)
def program() -> None: ...
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

Table = Mapping[str, tuple[str, str]]  # name → where it is ("module:attribute"), what it does

PATH = click.Path(path_type=Path, readable=False)  # the command says itself what it cannot read


class Failed(click.ClickException):
    """The command cannot go on; the message says what to do. Exit code 1."""

    def show(self, file: Any = None) -> None:
        from rich.console import Console
        from rich.text import Text

        console = Console(file=file, stderr=file is None, highlight=False)
        console.print(Text(self.message, style="red"), soft_wrap=True)


@contextmanager
def failing_on(*errors: type[Exception]) -> Iterator[None]:
    """Turn these errors into ``Failed``; also a decorator of a command's function."""
    try:
        yield
    except errors as error:
        raise Failed(str(error)) from error


class Several(click.Option):
    """An option with one or more values: ``--corpus a.txt b.txt`` or once for each."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"multiple": True}))


class _Verbatim(click.Command):
    """A command whose help text keeps its lines, so that examples can be copied."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        if self.help:
            formatter.write(f"\n{self.help.strip()}\n")


class Command(_Verbatim):
    """A command, perhaps with options that are ``Several``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        names = {n for p in self.params if isinstance(p, Several) for n in p.opts}
        return super().parse_args(ctx, list(_repeated(args, names)))


class Group(_Verbatim, click.Group):
    """A group of commands."""

    command_class = Command


class LazyGroup(Group):
    """A group whose commands are imported when they are called, from a table of their places."""

    def __init__(self, *args: Any, table: Table, **options: Any) -> None:
        super().__init__(*args, **options)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        return load(self.table[cmd_name][0]) if cmd_name in self.table else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in self.table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = [
            CompletionItem(name, help=what)
            for name, (_, what) in self.table.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)


def load(place: str) -> click.Command:
    """The command at ``module:attribute``."""
    module, _, attribute = place.partition(":")
    command = getattr(import_module(module), attribute)
    if not isinstance(command, click.Command):
        raise TypeError(f"{place} is no command")
    return command


def _repeated(args: list[str], names: set[str]) -> Iterator[str]:
    """``--several a b`` as ``--several a --several b``."""
    current = None  # the option whose values these are
    for n, arg in enumerate(args):
        if arg.startswith("-") and len(arg) > 1:
            current = arg if arg in names else None
        elif current and args[n - 1] != current:
            yield current
        yield arg
