"""The memory from the command line, for whoever runs the bot.

    python -m db upgrade                 # the program does so itself when it starts
    python -m db history discord:123     # a readable table; --json: one turn a line
    python -m db export discord:123      # everything about the person, as JSON
    python -m db erase discord:123       # everything about the person, gone

People are named discord:ID or local:NAME. The database is that of ``--database``, else the bot's:
of SEOLLEM_DATABASE_URL in the environment, else in .env here, else the file in the user's data
folder.

Ends with 0 when it was done, with 1 when the database could not be used or there was nothing to
erase, with 2 for a wrong call, with 130 after Ctrl-C.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from seollem.db.engine import create_engine, migrate
from seollem.db.errors import DatabaseError, UnreachableDatabase
from seollem.db.people import People
from seollem.db.settings import DatabaseSettings, SettingsError, load
from seollem.db.streams import on_standard_streams
from seollem.db.urls import parse_url, place_of

_KINDS = ("discord:", "local:")  # what the names of people begin with


class NothingToErase(Exception):
    """Nothing is kept of the person. The message says what to check."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit status."""
    options = _parser().parse_args(arguments)
    try:
        url = options.database
        if url is None:
            url = load(DatabaseSettings).database_url
        if options.command != "upgrade":
            _require(url)
        for line in asyncio.run(_run(options, url)):
            print(line)
    except (DatabaseError, SettingsError, NothingToErase) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m db",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    everywhere = argparse.ArgumentParser(add_help=False)
    # A subcommand's own default would undo what was given before it.
    for place, default in ((parser, None), (everywhere, argparse.SUPPRESS)):
        place.add_argument(
            "--database", metavar="URL", default=default, help="sqlite:///FILE or postgresql://…"
        )
    of_somebody = argparse.ArgumentParser(add_help=False, parents=[everywhere])
    of_somebody.add_argument("user", type=_user, help="discord:ID or local:NAME")
    commands = parser.add_subparsers(dest="command", required=True)
    upgrade = "bring the tables to this version"
    commands.add_parser("upgrade", help=upgrade, parents=[everywhere])
    history = commands.add_parser("history", help="a person's turns", parents=[of_somebody])
    history.add_argument("--json", action="store_true", help="one JSON object a turn")
    for name, purpose in (("export", "everything about a person, as JSON"), ("erase", "forget it")):
        commands.add_parser(name, help=purpose, parents=[of_somebody])
    return parser


def _user(written: str) -> str:
    """Whom it is about, as typed; bytes that the system did not take for UTF-8 are read as it."""
    try:
        user = written.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise argparse.ArgumentTypeError("the name is not UTF-8: write it in UTF-8") from None
    if not any(user.removeprefix(kind).strip() for kind in _KINDS if user.startswith(kind)):
        raise argparse.ArgumentTypeError(
            f"{user!r} names nobody: write discord:ID for a person on Discord, such as "
            "discord:123, or local:NAME for one who talked in a terminal"
        )
    return user


def _require(url: str) -> None:
    """Refuse an SQLite file that is not there, which opening would make.

    Raises:
        UnreachableDatabase: there is none.
        BadDatabaseUrl, MissingDriver: see ``seollem.db.urls.parse_url``.
    """
    parsed = parse_url(url)
    if not parsed.drivername.startswith("sqlite"):
        return
    with suppress(OSError):  # opening it says then what is wrong
        if Path(str(parsed.database)).exists():
            return
        raise UnreachableDatabase(
            f"There is no database {place_of(parsed)}. Name the right one with --database; "
            "where the program never ran, nothing is remembered."
        )


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
                return [await _erase(people, options.user)]
            case "export":
                return [json.dumps(await people.export(options.user), ensure_ascii=False, indent=2)]
            case _:
                export = await people.export(options.user)
                return list(_as_json(export) if options.json else _as_table(export))
    finally:
        await engine.dispose()


async def _erase(people: People, user: str) -> str:
    """Erase the person; what to say of it.

    Raises:
        NothingToErase: neither turns nor an agreement were kept.
    """
    before = await people.export(user)
    # Also where nothing is kept: it finishes an erasure whose rows went and whose bytes did not.
    turns = await people.erase(user)
    if not (turns or before["conversations"] or before["consent"]):
        raise NothingToErase(
            f"Nothing is kept of {user}, so nothing was erased. Check the name and the database."
        )
    agreement = " and the agreement" if before["consent"] else ""
    return f"Erased {user}: {turns} turns{agreement}."


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
    sys.exit(on_standard_streams(main))
