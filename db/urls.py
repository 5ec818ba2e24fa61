"""Where the memory lies: from the URL that people write to the one that SQLAlchemy takes."""

import os.path
from importlib.util import find_spec
from pathlib import Path

import platformdirs
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from seollem.db.errors import BadDatabaseUrl, MissingDriver

_ADVICE = "Write sqlite:///FILE (sqlite:////ABSOLUTE/FILE) or postgresql://USER:PASSWORD@HOST/NAME."
_SQLITE = {"sqlite", "sqlite+aiosqlite"}
_POSTGRESQL = {"postgres", "postgresql", "postgresql+asyncpg"}


def default_url() -> str:
    """An SQLite file in the user's data folder, e.g. ~/.local/share/seollem on Linux."""
    folder = platformdirs.user_data_path("seollem", appauthor=False)
    return f"sqlite:///{folder / 'seollem.db'}"


def parse_url(url: str) -> URL:
    """The URL with the driver that is used: ``sqlite+aiosqlite`` or ``postgresql+asyncpg``.

    ``sqlite`` and ``postgresql`` (or ``postgres``) alone get their driver, ``~`` is the home
    folder, and libpq's ``sslmode`` becomes asyncpg's ``ssl``.

    Raises:
        BadDatabaseUrl: not a URL, another system, no file name, or options for SQLite.
        MissingDriver: PostgreSQL without asyncpg.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # "from None": what the parser complains about may contain the password.
        raise BadDatabaseUrl(f"The database URL cannot be read. {_ADVICE}") from None
    if parsed.drivername in _SQLITE:
        return _sqlite(parsed)
    if parsed.drivername in _POSTGRESQL:
        return _postgresql(parsed)
    raise BadDatabaseUrl(f"The database {parsed.drivername!r} is not supported. {_ADVICE}")


def place_of(url: URL) -> str:
    """What messages call the database: the file's path, or the server and name; no password."""
    if url.drivername in _SQLITE:
        return str(url.database)
    host = url.host or "the local server"
    return f"{url.database or 'the default database'} on {host}:{url.port or 5432}"


def _sqlite(url: URL) -> URL:
    if not url.database or url.database == ":memory:":
        raise BadDatabaseUrl(f"A memory needs a file. {_ADVICE}")
    if url.query or url.host:
        raise BadDatabaseUrl(f"An SQLite URL is a file's path and nothing else. {_ADVICE}")
    path = Path(os.path.expanduser(url.database))
    return url.set(drivername="sqlite+aiosqlite", database=str(path))


def _postgresql(url: URL) -> URL:
    if find_spec("asyncpg") is None:
        raise MissingDriver(
            "PostgreSQL needs the driver asyncpg: pip install 'seollem[postgres]' "
            "(in a checkout: pip install '.[postgres]')."
        )
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(drivername="postgresql+asyncpg", query=query)
