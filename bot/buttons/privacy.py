"""The buttons of the notice and of /privacy."""

from typing import TYPE_CHECKING, Any

import discord

from seollem.bot import replies
from seollem.bot.buttons.lasting import LastingButton, row_of
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.bot.wording.locales import text

if TYPE_CHECKING:
    from seollem.bot.cogs.privacy import Privacy

COG = "Seollem privacy"  # the cog that answers the buttons

_STYLES = {  # action → how its button looks; the label is the text "button.<action>"
    "notice": discord.ButtonStyle.secondary,
    "agree": discord.ButtonStyle.success,
    "decline": discord.ButtonStyle.secondary,
    "export": discord.ButtonStyle.secondary,
    "withdraw": discord.ButtonStyle.secondary,
    "erase": discord.ButtonStyle.danger,
    "erase_yes": discord.ButtonStyle.danger,
    "erase_no": discord.ButtonStyle.secondary,
}


class PrivacyButton(
    LastingButton, template=r"seollem:privacy:(?P<action>[a-z_]+)(?::(?P<version>\d+))?"
):
    """A button of the notice or of /privacy; it concerns whoever presses it and nobody else.

    Args:
        locale: of whoever sees the button.
        action: one of _STYLES.
        version: of the notice that stands above "agree"; None on buttons of the first releases.
    """

    def __init__(
        self, *, locale: object, action: str, version: int | str | None = NOTICE_VERSION
    ) -> None:
        self.action = action
        self.is_current = str(version) == str(NOTICE_VERSION)
        name = f"{action}:{version}" if action == "agree" and version is not None else action
        super().__init__(
            discord.ui.Button(
                label=text(f"button.{action}", locale),
                style=_STYLES[action],
                custom_id=f"seollem:privacy:{name}",
            )
        )

    async def press(self, interaction: discord.Interaction[Any]) -> None:
        cog: Privacy = interaction.client.get_cog(COG)
        if self.action == "agree" and not self.is_current:  # to words that were others
            await show_notice(interaction, opening="consent.changed")
        else:
            await cog.press(interaction, self.action)


def privacy_row(locale: object, *actions: str) -> discord.ui.View:
    """Buttons for actions of _STYLES."""
    return row_of(*(PrivacyButton(locale=locale, action=action) for action in actions))


def consent_row(locale: object) -> discord.ui.View:
    """Agree or decline; goes with replies.consent_notice."""
    return privacy_row(locale, "agree", "decline")


async def show_notice(interaction: discord.Interaction[Any], *, opening: str | None = None) -> None:
    """Show the notice to whoever asked for something that needs agreement; ``opening`` is a key."""
    locale = interaction.locale
    await interaction.followup.send(
        embed=replies.consent_notice(locale, opening=opening and text(opening, locale)),
        view=consent_row(locale),
        ephemeral=True,
    )
