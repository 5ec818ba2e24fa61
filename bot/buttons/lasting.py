"""Buttons that still work after a restart: all they need stands in their custom ID."""

import re
from typing import Any, Self

import discord

from seollem.bot.answering import answering


class LastingButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template="seollem:"):
    """A button that is made anew from its custom ID, which its class's template matches.

    Subclasses take the template's groups, and a locale, as keywords, and define ``press``.
    """

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], _item: Any, match: re.Match[str], /
    ) -> Self:
        keywords: dict[str, Any] = {"locale": interaction.locale} | match.groupdict()
        return cls(**keywords)

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says; the interaction is acknowledged already."""
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with answering(interaction):
            await self.press(interaction)


def row_of(*buttons: LastingButton) -> discord.ui.View:
    """A view of buttons that never ends; the library forgets it, the custom IDs do not."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view
