"""The notice that people agree to before anything of theirs is read or kept. Knows no Discord.

When what is read or kept changes, change the texts *and* raise the version: an agreement to an
older notice no longer counts, and people are asked again. The terminal has words of its own for the
same: other names for what is read, and other commands to take it back.
"""

from collections.abc import Sequence

from seollem.bot.wording.locales import text

NOTICE_VERSION = 2  # 1: selfies; 2: what people write, too

NOTICE_KEYS = (
    "notice.read",
    "notice.kept",
    "notice.how_long",
    "notice.estimate",
    "notice.nobody_else",
    "notice.choice",
)

TERMINAL_KEYS = (
    "notice.terminal.read",
    "notice.terminal.kept",
    "notice.terminal.how_long",
    "notice.estimate",
    "notice.terminal.nobody_else",
    "notice.terminal.choice",
)


def notice(locale: object, keys: Sequence[str] = NOTICE_KEYS) -> str:
    """The notice's paragraphs, without its title (``notice.title``), in Markdown."""
    return "\n\n".join(text(key, locale) for key in keys)
