"""Runs the migrations from inside the program, over a connection that it already holds."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from seollem.db.errors import UnknownSchema
from seollem.db.urls import place_of

VERSION_TABLE = "seollem_schema"


def upgrade(connection: Connection) -> None:
    """Upgrade to the newest revision within the connection's transaction.

    Raises:
        UnknownSchema: the revision is not one of ours, or tables of the same names are there.
    """
    config = Config()
    config.set_main_option("script_location", "seollem.db:migrations")
    config.attributes["connection"] = connection
    place = place_of(connection.engine.url)
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise UnknownSchema(
            f"{place} was made by a newer version of Seollem. Install that version, or choose "
            "another database."
        ) from error
    except (OperationalError, ProgrammingError) as error:
        raise UnknownSchema(
            f"{place} holds tables that this version did not make. Choose another database."
        ) from error
