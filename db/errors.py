"""What can go wrong with the memory; each message says what to do, and none holds a password.

DatabaseError
├── BadDatabaseUrl        not a URL, a system that is not supported, or options that it lacks
├── MissingDriver         PostgreSQL is asked for and its driver is not installed
├── NotADatabase          the file is something else, or it is damaged
├── ReadOnlyDatabase      the file or its folder cannot be written
├── DatabaseFull          the disk has no room left
├── DatabaseBusy          another program held the file for too long
├── UnreachableDatabase   the server does not answer, refuses us, or went away
├── TracesLeft            the rows of a person are erased, their bytes in the file are not
└── UnknownSchema         the tables are of a newer version, or of another program
"""


class DatabaseError(Exception):
    """The memory cannot be used. The message says what to do about it."""


class BadDatabaseUrl(DatabaseError):
    """Not a URL, a system that is not supported, or options that the driver does not know."""


class MissingDriver(DatabaseError):
    """PostgreSQL is asked for and its driver is not installed."""


class NotADatabase(DatabaseError):
    """The file is something else than an SQLite database, or it is damaged."""


class ReadOnlyDatabase(DatabaseError):
    """The file or its folder cannot be written, or the database refuses changes."""


class DatabaseFull(DatabaseError):
    """There is no room left to write."""


class DatabaseBusy(DatabaseError):
    """Another program held the database for longer than we wait."""


class UnreachableDatabase(DatabaseError):
    """The server does not answer, does not let us in, or the connection broke."""


class TracesLeft(DatabaseError):
    """All rows of a person are erased, but their bytes may still be in the file."""


class UnknownSchema(DatabaseError):
    """The tables were made by a newer version, or by something else."""
