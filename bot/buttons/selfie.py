"""The button with which a selfie's owner sees its reading, or shares it."""

from typing import TYPE_CHECKING, Any

import discord

from seollem.bot.buttons.lasting import LastingButton
from seollem.bot.errors import NotYours
from seollem.bot.wording.locales import text

if TYPE_CHECKING:
    from seollem.bot.cogs.selfies import Selfies

COG = "Seollem selfies"  # the cog that answers the button


class SelfieButton(
    LastingButton,
    template=r"seollem:selfie:(?P<action>reading|share):(?P<owner>\d+):(?P<key>\d+):(?P<clear>[01])",
):
    """Shows a selfie's reading to its owner ("reading"), or at the owner's wish to all ("share").

    Args:
        locale: of whoever sees the button.
        action: "reading" or "share".
        owner: the owner's user ID.
        key: the message or interaction that the turn is remembered by.
        clear: whether the reading was conclusive, the one thing that the turn does not remember.
    """

    def __init__(
        self, *, locale: object, action: str, owner: int | str, key: int | str, clear: int | str
    ) -> None:
        self.action, self.owner, self.key, self.clear = action, int(owner), int(key), int(clear)
        super().__init__(
            discord.ui.Button(
                label=text(f"button.{action}", locale),
                style=discord.ButtonStyle.secondary,
                custom_id=f"seollem:selfie:{action}:{self.owner}:{self.key}:{self.clear}",
            )
        )

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.user.id != self.owner:
            raise NotYours("somebody else's reading")
        cog: Selfies = interaction.client.get_cog(COG)
        if self.action == "share":
            await cog.share(interaction, self)
        else:
            await cog.show(interaction, self)
