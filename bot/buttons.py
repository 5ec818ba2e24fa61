"""Buttons that still work after a restart: all they need stands in their custom ID."""

import re
from contextlib import suppress
from typing import Any, Self

import discord

from bot.answering import answering
from bot.errors import NotYours
from bot.locales import text


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


class TakeBackButton(LastingButton, template=r"seollem:take_back:(?P<owner>\d+)"):
    """Deletes the message below which it stands, for whoever shared it and nobody else.

    Args:
        locale: of whoever shared it.
        owner: their user ID.
    """

    def __init__(self, *, locale: object, owner: int | str) -> None:
        self.owner = int(owner)
        super().__init__(
            discord.ui.Button(
                label=text("button.take_back", locale),
                style=discord.ButtonStyle.secondary,
                custom_id=f"seollem:take_back:{self.owner}",
            )
        )

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.user.id != self.owner:
            raise NotYours("shared by somebody else")
        with suppress(discord.NotFound):  # pressed twice
            await interaction.delete_original_response()


def row_of(*buttons: LastingButton) -> discord.ui.View:
    """A view of buttons that never ends; the library forgets it, the custom IDs do not."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view
