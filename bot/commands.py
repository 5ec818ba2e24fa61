"""Talk to Seollem, on Discord or in this terminal.

    seollem          # on Discord when SEOLLEM_DISCORD_TOKEN is set, otherwise in the terminal
    seollem run      # on Discord
    seollem chat     # in the terminal, or with a pipe: one picture, message or command a line
    seollem doctor   # check libraries, weights, database and token, and say what to do

Settings are environment variables or a .env file; .env.example lists them.
"""

import click

from seollem.bot.errors import StartError
from seollem.bot.settings import load_settings
from seollem.cli.commands import Command, Group, failing_on
from seollem.db.errors import DatabaseError
from seollem.db.settings import SettingsError
from seollem.scoring.errors import ScoringError

_failing = failing_on(SettingsError, StartError, DatabaseError, ScoringError)


@click.group(cls=Group, invoke_without_command=True, help=__doc__)
@click.pass_context
def bot(ctx: click.Context) -> object:
    return ctx.invoke(start) if ctx.invoked_subcommand is None else None


@click.command(cls=Command)
@click.pass_context
@_failing
def start(ctx: click.Context) -> object:
    """Talk on Discord where there is a token, otherwise in the terminal."""
    return ctx.invoke(run if load_settings().discord_token else chat)


@bot.command()
@_failing
def run() -> None:
    """Talk on Discord; the token is SEOLLEM_DISCORD_TOKEN.

    seollem run
    """
    from seollem.bot.serving import serve

    serve(load_settings())


def _name(_ctx: click.Context, _option: click.Parameter, written: str | None) -> str | None:
    """Whose conversation it is, as typed after ``--user``."""
    if written is None:
        return None
    if not written.strip():
        raise click.BadParameter(
            "a name is missing: say whose conversation it is, or leave --user out for your own"
        )
    try:
        written.encode()
    except UnicodeEncodeError:
        raise click.BadParameter("the name is not UTF-8: write it in UTF-8") from None
    return written


@bot.command()
@click.option(
    "--user", callback=_name, metavar="NAME", help="whose conversation (default: your account)"
)
@click.option("--json", "as_objects", is_flag=True, help="answer with one JSON object a line")
@_failing
def chat(user: str | None, as_objects: bool) -> None:
    """Talk in this terminal, or with a pipe: one picture, message or command a line.

    seollem chat
    seollem chat --json --user hana
    """
    from seollem.bot.terminal.chat import chat

    chat(load_settings(), user=user, as_objects=as_objects)


@bot.command()
@_failing
def doctor() -> int:
    """Check libraries, weights, database and token, and say what to do.

    seollem doctor
    """
    from seollem.bot.doctor import examine

    return examine(load_settings())
