"""The button below what somebody shared, with which they take it back."""

from contextlib import suppress
from typing import Any

import discord

from seollem.bot.buttons.lasting import LastingButton
from seollem.bot.errors import NotYours
from seollem.bot.wording.locales import text


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
