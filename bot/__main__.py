"""Talk to Seollem, on Discord or in this terminal.

    python -m bot          # on Discord when SEOLLEM_DISCORD_TOKEN is set, otherwise in the terminal
    python -m bot run      # on Discord
    python -m bot chat     # in the terminal, or with a pipe: one picture, message or command a line
    python -m bot doctor   # check libraries, weights, database and token, and say what to do

Settings are environment variables or a .env file; .env.example lists them.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from seollem.bot.errors import StartError
from seollem.bot.settings import Settings, load_settings
from seollem.bot.streams import abandon, complain
from seollem.db.errors import DatabaseError
from seollem.db.settings import SettingsError
from seollem.scoring.errors import ScoringError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit code; heavy imports wait until they are needed."""
    options = _parser().parse_args(arguments)
    if sys.stderr is None:  # closed: print() would turn to standard output
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  for good
    try:
        return _run(options, load_settings())
    except (SettingsError, StartError, DatabaseError, ScoringError) as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has gone
        abandon(sys.stdout)
        return 1


def _run(options: argparse.Namespace, settings: Settings) -> int:
    command = options.command or ("run" if settings.discord_token else "chat")
    if command == "doctor":
        from seollem.bot.doctor import examine

        return examine(settings)
    if command == "run":
        from seollem.bot.serving import serve

        serve(settings)
        return 0
    from seollem.bot.terminal.chat import chat

    chat(settings, user=options.user, as_objects=options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(user=None, json=False)
    commands = parser.add_subparsers(dest="command", metavar="{run,chat,doctor}")
    commands.add_parser("run", help="on Discord")
    chat = commands.add_parser("chat", help="in the terminal or with a pipe")
    chat.add_argument(
        "--user", type=_name, metavar="NAME", help="whose conversation (default: your account)"
    )
    chat.add_argument("--json", action="store_true", help="answer with one JSON object a line")
    commands.add_parser("doctor", help="check everything, and say what to do")
    return parser


def _name(written: str) -> str:
    """Whose conversation it is, as typed after ``--user``."""
    if not written.strip():
        raise argparse.ArgumentTypeError(
            "a name is missing: say whose conversation it is, or leave --user out for your own"
        )
    try:
        written.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("the name is not UTF-8: write it in UTF-8") from None
    return written


if __name__ == "__main__":
    sys.exit(main())
