"""The memory from the command line, for whoever runs the bot.

    python -m db upgrade                 # the program does so itself when it starts
    python -m db history discord:123     # a readable table; --json: one turn a line
    python -m db export discord:123      # everything about the person, as JSON
    python -m db erase discord:123       # everything about the person, gone

The database is that of ``--database``, else the bot's: of SEOLLEM_DATABASE_URL in the environment,
else in .env here, else the file in the user's data folder. Exit status 0 when it was done, 1 when
the database could not be used.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from db.engine import create_engine, migrate
from db.errors import DatabaseError
from db.people import People
from db.settings import DatabaseSettings, SettingsError, load


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit status."""
    options = _parser().parse_args(arguments)
    try:
        url = options.database or load(DatabaseSettings).database_url
        for line in asyncio.run(_run(options, url)):
            print(line)
    except (DatabaseError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m db",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://…")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("upgrade", help="bring the tables to this version")
    history = commands.add_parser("history", help="a person's turns")
    history.add_argument("user", help="for example discord:123 or local:NAME")
    history.add_argument("--json", action="store_true", help="one JSON object a turn")
    for name, purpose in (("export", "everything about a person, as JSON"), ("erase", "forget it")):
        commands.add_parser(name, help=purpose).add_argument("user")
    return parser


async def _run(options: argparse.Namespace, url: str) -> list[str]:
    """Do what was asked for; the lines to print."""
    engine = create_engine(url)
    try:
        await migrate(engine)
        people = People(engine)
        match options.command:
            case "upgrade":
                return ["The database is up to date."]
            case "erase":
                return [f"Erased {options.user}: {await people.erase(options.user)} turns."]
            case "export":
                return [json.dumps(await people.export(options.user), ensure_ascii=False, indent=2)]
            case _:
                export = await people.export(options.user)
                return list(_as_json(export) if options.json else _as_table(export))
    finally:
        await engine.dispose()


def _as_json(export: dict[str, Any]) -> Iterator[str]:
    for conversation in export["conversations"]:
        for turn in conversation["history"]:
            yield json.dumps({"place": conversation["place"], **turn}, ensure_ascii=False)


def _as_table(export: dict[str, Any]) -> Iterator[str]:
    if not export["conversations"]:
        yield f"Nothing is remembered of {export['user']}."
    for conversation in export["conversations"]:
        yield f"{conversation['place']} ({conversation['turns']} turns)"
        for turn in conversation["history"]:
            strongest = sorted(turn["emotions"].items(), key=lambda item: -item[1])[:3]
            emotions = ", ".join(f"{label} {p:.0%}" for label, p in strongest)
            moment = turn["at"][:16].replace("T", " ")
            yield (
                f"{turn['number']:>6}  {moment}  {turn['source']:<7}  {turn['affection']:+.2f}  "
                f"{emotions}"
            )


if __name__ == "__main__":
    sys.exit(main())
