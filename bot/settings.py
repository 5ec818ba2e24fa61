"""What can be set from outside, in SEOLLEM_* variables or ``.env``; see ``seollem.db.settings``.

Read once, by ``load_settings()`` in the entry points, and handed on from there.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError

from seollem.db.settings import ENV_FILE, DatabaseSettings, load


class Settings(DatabaseSettings):
    """Every one of them is optional.

    Attributes:
        discord_token: the bot's token; without one the program talks in the terminal.
        database_url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``.
        vision_model: a local folder or a hub name; None: the embedded model.
        text_model: the same for the model that reads messages.
        silence_hours: a conversation ends after this many hours without a turn; from half a minute
            to ten years.
        subject_ratio: how many times larger than the next face the subject's face must be.
        queue_size: selfies and messages that may wait to be read; further ones are answered "busy".
        max_image_mb: megabytes (1,000,000 bytes) that a picture may have.
        max_image_megapixels: millions of pixels that a picture may have.
        threads: threads that a reading may use; None: as many as there are cores.
    """

    discord_token: SecretStr | None = None
    vision_model: str | None = None
    text_model: str | None = None
    silence_hours: Annotated[float, Field(ge=0.01, le=87_600, allow_inf_nan=False)] = 12.0
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


def load_settings(env_file: Path = ENV_FILE) -> Settings:
    """Read the environment and ``env_file``; the environment wins.

    Raises:
        SettingsError: a value is not of the kind its variable takes, or the file is not UTF-8.
    """
    return load(Settings, env_file)
