"""From a driver's exception to what went wrong and what to do about it."""

import sqlite3

from sqlalchemy import URL

from seollem.db.errors import (
    BadDatabaseUrl,
    DatabaseBusy,
    DatabaseError,
    DatabaseFull,
    NotADatabase,
    ReadOnlyDatabase,
    UnreachableDatabase,
)
from seollem.db.urls import place_of


def explain(error: BaseException, url: URL, *, is_lost: bool = False) -> DatabaseError | None:
    """The typed error for a driver's exception; None where it is no condition of the outside.

    ``is_lost`` says that the connection is gone, whatever the driver calls it.
    """
    if isinstance(error, sqlite3.Error):
        return _sqlite(error, place_of(url))
    if not isinstance(error, Exception):
        return None  # a task that is cancelled loses its connection too, and stays cancelled
    state = "08000" if is_lost else getattr(error, "sqlstate", None)
    return _postgresql(state, place_of(url)) if isinstance(state, str) else None


def explain_connect(error: BaseException, url: URL) -> DatabaseError | None:
    """The same for the moment of connecting, where the network and the URL speak too."""
    place = place_of(url)
    if isinstance(error, OSError):
        if url.drivername.startswith("sqlite"):
            return _read_only_file(place)
        reason = error.strerror or type(error).__name__
        return UnreachableDatabase(
            f"No database answers for {place} ({reason}). Check that the server runs and that the "
            "URL names it."
        )
    if known := explain(error, url):
        return known
    # asyncpg on a setting it does not know or cannot use; its words may repeat the URL.
    if isinstance(error, TypeError | ValueError):
        return BadDatabaseUrl(f"The database URL for {place} has options that cannot be used.")
    return None


def _read_only_file(place: str) -> ReadOnlyDatabase:
    return ReadOnlyDatabase(
        f"{place} cannot be written. Give yourself write permission to the file and its folder, or "
        "choose another file."
    )


def _sqlite(error: sqlite3.Error, place: str) -> DatabaseError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    match code:
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return NotADatabase(
                f"{place} is not an SQLite database, or it is damaged. Put back a backup, or move "
                "it away to begin anew."
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return _read_only_file(place)
        case sqlite3.SQLITE_FULL:
            return DatabaseFull(f"There is no room to write {place}. Make room on the disk.")
        case sqlite3.SQLITE_IOERR:
            return ReadOnlyDatabase(f"The disk failed while using {place}. Check the disk.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseBusy(f"Another program holds {place}. Close it, or try again.")
    return None


def _postgresql(state: str, place: str) -> DatabaseError | None:
    """By SQLSTATE; PostgreSQL's manual, appendix A."""
    if state.startswith("28"):
        return UnreachableDatabase(
            f"The server does not let us in to {place}. Check the user and password in the URL."
        )
    if state == "3D000":
        return UnreachableDatabase(f"There is no database {place}. Create it: createdb NAME.")
    if state.startswith(("08", "57P")) or state == "53300":
        return UnreachableDatabase(
            f"The server of {place} closed the connection or has none left. Try again."
        )
    if state in ("25006", "3F000", "42501"):
        return ReadOnlyDatabase(
            f"{place} may not be changed. Grant the user CREATE on the schema and write access."
        )
    if state in ("53100", "53200"):
        return DatabaseFull(f"The server of {place} has no room left.")
    return None
