"""Settings: SEOLLEM_* environment variables and ``.env``; here, where the memory lies.

The environment goes before the file. A variable that is set but empty counts as not set, so that
``.env.example`` can be copied as it is. The bot's own settings build on these, so that whoever
looks into the memory from the command line finds the one that the bot fills.
"""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "SEOLLEM_"
ENV_FILE = Path(".env")  # in the folder where the program is started

S = TypeVar("S", bound=BaseSettings)


class SettingsError(Exception):
    """Settings that cannot be used; one line for each, naming the variable and what it may be."""


def _default_database_url() -> str:
    from seollem.db.urls import default_url  # loads SQLAlchemy

    return default_url()


class DatabaseSettings(BaseSettings):
    """Where the memory lies.

    Attributes:
        database_url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    database_url: str = Field(default_factory=_default_database_url)


def load(kind: type[S], env_file: Path = ENV_FILE) -> S:
    """Read one kind of settings from the environment and ``env_file``; the environment wins.

    Raises:
        SettingsError: a value is not of the kind its variable takes, or the file is not UTF-8.
    """
    try:
        # The keyword is pydantic-settings' own; its type checker plugin is not worth a dependency.
        return kind(_env_file=env_file)
    except ValidationError as error:
        raise SettingsError("\n".join(_line(problem) for problem in error.errors())) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{env_file} is not UTF-8 text: save it as UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"{env_file} cannot be read: {error.strerror}.") from None


def _line(problem: Any) -> str:
    """One validation error in one line. A token's value is never repeated."""
    name = str(problem["loc"][0])
    reason = str(problem["msg"]).removeprefix("Input ")
    value = "" if "token" in name else f"={problem['input']}"
    return f"{_PREFIX}{name.upper()}{value}: the value {reason}; leave it out for the default."
