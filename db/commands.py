"""The memory from the command line, for whoever runs the bot.

    seollem db upgrade                 # the program does so itself when it starts
    seollem db history discord:123     # a readable table; --json: one turn a line
    seollem db export discord:123      # everything about the person, as JSON
    seollem db erase discord:123       # everything about the person, gone

People are named discord:ID or local:NAME. The database is that of ``--database``, else the bot's:
of SEOLLEM_DATABASE_URL in the environment, else in .env here, else the file in the user's data
folder.

Ends with 0 when it was done, with 1 when the database could not be used or there was nothing to
erase, with 2 for a wrong call, with 130 after Ctrl-C.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from seollem.cli.commands import Group, failing_on
from seollem.cli.streams import json_text
from seollem.db.engine import create_engine, migrate
from seollem.db.errors import DatabaseError, UnreachableDatabase
from seollem.db.people import People
from seollem.db.settings import DatabaseSettings, SettingsError, load
from seollem.db.urls import parse_url, place_of

Result = TypeVar("Result")

_KINDS = ("discord:", "local:")  # what the names of people begin with


class NothingToErase(Exception):
    """Nothing is kept of the person. The message says what to check."""


def _user(_ctx: click.Context, _argument: click.Parameter, written: str) -> str:
    """Whom it is about, as typed; bytes that the system did not take for UTF-8 are read as it."""
    try:
        user = written.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise click.BadParameter("the name is not UTF-8: write it in UTF-8") from None
    if not any(user.removeprefix(kind).strip() for kind in _KINDS if user.startswith(kind)):
        raise click.BadParameter(
            f"{user!r} names nobody: write discord:ID for a person on Discord, such as "
            "discord:123, or local:NAME for one who talked in a terminal"
        )
    return user


def _url(ctx: click.Context, _option: click.Parameter, written: str | None) -> str | None:
    """The database that was named, after the command or before it."""
    if written is None and ctx.parent is not None:
        return ctx.parent.params.get("database")
    return written


_database = click.option(
    "--database", callback=_url, metavar="URL", help="sqlite:///FILE or postgresql://…"
)
_person = click.argument("user", callback=_user, metavar="PERSON")
_failing = failing_on(DatabaseError, SettingsError, NothingToErase)


@click.group(cls=Group, help=__doc__)
@_database
def db(database: str | None) -> None: ...


@db.command()
@_database
@_failing
def upgrade(database: str | None) -> None:
    """Bring the tables to this version.

    seollem db upgrade
    """

    async def nothing_more(_: People) -> None: ...

    asyncio.run(_with_people(_chosen(database), nothing_more))
    print("The database is up to date.")


@db.command()
@_database
@_person
@click.option("--json", "as_objects", is_flag=True, help="one JSON object a turn")
@_failing
def history(database: str | None, user: str, as_objects: bool) -> None:
    """Show a person's turns.

    seollem db history discord:123
    seollem db history local:hana --json
    """
    kept = _ask(database, lambda people: people.export(user))
    for line in _as_objects(kept) if as_objects else _as_table(kept):
        print(line)


@db.command()
@_database
@_person
@_failing
def export(database: str | None, user: str) -> None:
    """Print everything about a person, as JSON.

    seollem db export discord:123
    """
    print(json_text(_ask(database, lambda people: people.export(user)), indent=2))


@db.command()
@_database
@_person
@_failing
def erase(database: str | None, user: str) -> None:
    """Erase everything about a person.

    seollem db erase discord:123
    """
    print(_ask(database, lambda people: _erase(people, user)))


def _ask(database: str | None, question: Callable[[People], Awaitable[Result]]) -> Result:
    """What is answered from a database that is there already.

    Raises:
        UnreachableDatabase: it is an SQLite file that is not there, which opening would make.
        DatabaseError, SettingsError: the database, or the setting that names it, cannot be used.
    """
    url = _chosen(database)
    _require(url)
    return asyncio.run(_with_people(url, question))


def _chosen(database: str | None) -> str:
    """The database that was named, else the bot's."""
    return load(DatabaseSettings).database_url if database is None else database


async def _with_people(url: str, question: Callable[[People], Awaitable[Result]]) -> Result:
    engine = create_engine(url)
    try:
        await migrate(engine)
        return await question(People(engine))
    finally:
        await engine.dispose()


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


def _as_objects(kept: dict[str, Any]) -> Iterator[str]:
    for conversation in kept["conversations"]:
        for turn in conversation["history"]:
            yield json_text({"place": conversation["place"], **turn})


def _as_table(kept: dict[str, Any]) -> Iterator[str]:
    if not kept["conversations"]:
        yield f"Nothing is remembered of {kept['user']}."
    for conversation in kept["conversations"]:
        yield f"{conversation['place']} ({conversation['turns']} turns)"
        for turn in conversation["history"]:
            strongest = sorted(turn["emotions"].items(), key=lambda item: -item[1])[:3]
            emotions = ", ".join(f"{label} {p:.0%}" for label, p in strongest)
            moment = turn["at"][:16].replace("T", " ")
            yield (
                f"{turn['number']:>6}  {moment}  {turn['source']:<7}  {turn['affection']:+.2f}  "
                f"{emotions}"
            )
