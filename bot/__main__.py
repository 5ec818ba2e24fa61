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

from bot.errors import StartError
from bot.settings import Settings, load_settings
from db.errors import DatabaseError
from db.settings import SettingsError
from scoring.errors import ScoringError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit code; heavy imports wait until they are needed."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options, load_settings())
    except (SettingsError, StartError, DatabaseError, ScoringError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(options: argparse.Namespace, settings: Settings) -> int:
    command = options.command or ("run" if settings.discord_token else "chat")
    if command == "doctor":
        from bot.doctor import examine

        return examine(settings)
    if command == "run":
        from bot.serving import serve

        serve(settings)
        return 0
    from bot.chat import chat

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
    chat.add_argument("--user", metavar="NAME", help="whose conversation (default: your account)")
    chat.add_argument("--json", action="store_true", help="answer with one JSON object a line")
    commands.add_parser("doctor", help="check everything, and say what to do")
    return parser


if __name__ == "__main__":
    sys.exit(main())
