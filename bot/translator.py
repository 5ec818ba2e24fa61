"""Command names and descriptions in Korean, for Discord's own menus."""

import discord
from discord import app_commands

from seollem.bot.wording.locales import text, texts


def named(key: str) -> app_commands.locale_str:
    """The text of a key in English, which Discord shows in other languages through Translator."""
    return app_commands.locale_str(text(key, "en"), key=key)


class Translator(app_commands.Translator):
    """Translates what ``named`` made; leaves a host bot's own strings alone."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        _context: app_commands.TranslationContextTypes,
    ) -> str | None:
        key = string.extras.get("key")
        if locale is not discord.Locale.korean or key not in texts("ko"):
            return None
        return text(key, locale)
