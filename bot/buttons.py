"""Buttons that still work after a restart: all they need stands in their custom ID."""

from typing import Any

import discord

from bot.answering import answering


class LastingButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template="seollem:"):
    """A button whose custom ID is matched by its class's template; its groups make it anew.

    Subclasses define ``from_custom_id`` and ``press``.
    """

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
