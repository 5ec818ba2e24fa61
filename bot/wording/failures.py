"""From an exception to what people are told about it; the one place where that is decided.

The terminal and Discord both ask here. An error that people can cause or must know of has a text
``error.<class name>``; a subclass without one of its own is told with its base's. Anything else is
nobody's fault but ours: it is logged with an incident number, and people are told the number.
"""

import logging
import secrets

from seollem.bot.wording.locales import text, texts

_log = logging.getLogger(__name__)


def explanation(error: BaseException, locale: object) -> str | None:
    """What to tell people about an error they can act on; None for one that nobody foresaw.

    The error's attributes fill the text's placeholders (``AmbiguousFaces.count``).
    """
    for kind in type(error).__mro__:
        key = f"error.{kind.__name__}"
        if key in texts("en"):
            return text(key, locale, **vars(error))
    return None


def answer(error: BaseException, locale: object) -> str:
    """What to tell people about any error; an unforeseen one is logged with its traceback."""
    known = explanation(error, locale)
    if known is not None:
        return known
    incident = secrets.token_hex(4)
    _log.error("incident %s", incident, exc_info=error)
    return text("error.unexpected", locale, incident=incident)
