"""What people read, in English and Korean: ``en.json`` and ``ko.json``, with the same keys.

Keys are dotted paths: ``error.NoFaceFound`` answers the exception of that name,
``command.mood.name`` is the name of a slash command. ``{placeholders}`` are filled by ``text()``.
"""

import json
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "ko")


def language(locale: object) -> str:
    """One of LANGUAGES, for a locale such as "ko", "en-US" or a discord.Locale."""
    return "ko" if str(locale).startswith("ko") else "en"


def text(key: str, locale: object, **values: object) -> str:
    """The text of a key in the language of a locale, with its placeholders filled in.

    Raises:
        KeyError: no such key, or a placeholder without a value.
    """
    return texts(language(locale))[key].format(**values)


@cache
def texts(language: str) -> dict[str, str]:
    """All texts of a language, one of LANGUAGES, as they stand in its file."""
    content = files(__package__).joinpath(f"{language}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(content)
    return loaded
