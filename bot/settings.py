"""Settings: SEOLLEM_* environment variables and ``.env``; every one of them is optional.

Read once, by ``load_settings()`` in the entry points, and handed on from there. A variable that is
set but empty counts as not set, so that ``.env.example`` can be copied as it is.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "SEOLLEM_"


class SettingsError(Exception):
    """Settings that cannot be used; one line for each, naming the variable and what it may be."""


def _default_database_url() -> str:
    from db.urls import default_url  # loads SQLAlchemy

    return default_url()


class Settings(BaseSettings):
    """What can be set from outside.

    Attributes:
        discord_token: the bot's token; without one the program talks in the terminal.
        database_url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``.
        vision_model: a local folder or a hub name; None: the embedded model.
        text_model: the same for the model that reads messages.
        silence_hours: a conversation ends after this many hours without a turn.
        subject_ratio: how many times larger than the next face the subject's face must be.
        queue_size: selfies and messages that may wait to be read; further ones are answered "busy".
        max_image_mb: megabytes (1,000,000 bytes) that a picture may have.
        max_image_megapixels: millions of pixels that a picture may have.
        threads: threads that a reading may use; None: as many as there are cores.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    discord_token: SecretStr | None = None
    database_url: str = Field(default_factory=_default_database_url)
    vision_model: str | None = None
    text_model: str | None = None
    silence_hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 12.0
    subject_ratio: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.6
    queue_size: Annotated[int, Field(ge=1)] = 64
    max_image_mb: Annotated[int, Field(ge=1)] = 25
    max_image_megapixels: Annotated[int, Field(ge=1)] = 50
    threads: Annotated[int, Field(ge=1)] | None = None

    @field_validator("discord_token")
    @classmethod
    def _is_one_word(cls, token: SecretStr | None) -> SecretStr | None:
        """A token goes into a header: blanks around it are dropped, others are a mistake."""
        if token is None:
            return None
        word = token.get_secret_value().strip()
        if not word.isascii() or not word.isprintable() or " " in word:
            raise PydanticCustomError("token", "should be one word, copied from the portal")
        return SecretStr(word) if word else None


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read the environment and ``env_file``; the environment wins.

    Raises:
        SettingsError: a value is not of the kind its variable takes, or the file is not UTF-8.
    """
    try:
        # The keyword is pydantic-settings' own; its type checker plugin is not worth a dependency.
        return Settings(_env_file=env_file)  # type: ignore[call-arg]
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
    value = "" if name == "discord_token" else f"={problem['input']}"
    return f"{_PREFIX}{name.upper()}{value}: the value {reason}; leave it out for the default."
