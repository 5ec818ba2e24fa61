"""Consent and what comes with it: agree, decline, see, export, withdraw, erase."""

import asyncio
import io
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import replies
from bot.answering import answering
from bot.buttons import LastingButton, row_of
from bot.consent import NOTICE_VERSION
from bot.errors import ExportUnderWay
from bot.events import HostBot, announce_erased
from bot.exports import files_of
from bot.identities import user_key
from bot.locales import text
from bot.parts import Parts
from bot.reader import Reader
from bot.translator import named

NAME = "Seollem privacy"

_LARGEST_FILE = 8_000_000  # bytes; Discord refuses more than 10 MiB

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
        cog: Privacy = interaction.client.get_cog(NAME)
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


class Privacy(commands.Cog, name=NAME):
    """What people agreed to, and everything that is kept of theirs, in their own hands.

    Declining is not remembered: nothing is kept of people who did not agree, and nobody is asked
    again unless they turn to the bot.
    """

    def __init__(self, bot: HostBot, parts: Parts, reader: Reader) -> None:
        self.bot = bot
        self.parts = parts
        self._reader = reader
        self._exporting: set[str] = set()  # people

    async def cog_load(self) -> None:
        self.bot.add_dynamic_items(PrivacyButton)

    async def cog_unload(self) -> None:
        self.bot.remove_dynamic_items(PrivacyButton)

    @app_commands.command(
        name=named("command.privacy.name"), description=named("command.privacy.description")
    )
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def privacy(self, interaction: discord.Interaction[Any]) -> None:
        """Show the status, the notice, and what can be done."""
        async with answering(interaction):
            locale, user = interaction.locale, user_key(interaction.user.id)
            agreed = await self.parts.consents.has_agreed(user, version=NOTICE_VERSION)
            turns = await self.parts.people.count_turns(user)
            actions = ["withdraw" if agreed else "agree", "export", "erase"]
            await interaction.followup.send(
                embed=replies.privacy(locale, agreed=agreed, turns=turns),
                view=privacy_row(locale, *actions),
                ephemeral=True,
            )

    async def press(self, interaction: discord.Interaction[Any], action: str) -> None:
        """Do what a button says for whoever pressed it."""
        locale, user = interaction.locale, user_key(interaction.user.id)
        consents, people = self.parts.consents, self.parts.people
        match action:
            case "notice":
                await show_notice(interaction)
            case "agree":
                await consents.agree(user, version=NOTICE_VERSION)
                await _settle(interaction, text("consent.agreed", locale))
            case "decline":
                await _settle(interaction, text("consent.declined", locale))
            case "withdraw":
                await consents.withdraw(user)
                await self._reader.call_off(user_id=interaction.user.id)
                await _settle(
                    interaction,
                    text("consent.withdrawn", locale),
                    view=privacy_row(locale, "export", "erase"),
                )
            case "export":
                await self._export(interaction, user)
            case "erase":
                turns = await people.count_turns(user)
                await interaction.followup.send(
                    text("privacy.erase_ask", locale, turns=f"{turns:,}"),
                    view=privacy_row(locale, "erase_yes", "erase_no"),
                    ephemeral=True,
                )
            case "erase_yes":
                await consents.withdraw(user)  # first, so that nothing comes in meanwhile
                await self._reader.call_off(user_id=interaction.user.id)
                turns = await self._erase(interaction.user.id)
                await _settle(interaction, text("privacy.erased", locale, turns=f"{turns:,}"))
            case "erase_no":
                await _settle(interaction, text("privacy.kept", locale))

    async def _export(self, interaction: discord.Interaction[Any], user: str) -> None:
        """Hand over everything, a file a message: Discord limits the request as a whole."""
        if user in self._exporting:
            raise ExportUnderWay("one at a time")
        self._exporting.add(user)
        try:
            export = await self.parts.people.export(user)
            files = await asyncio.to_thread(files_of, export, largest=_LARGEST_FILE)
            key = "privacy.export" if len(files) == 1 else "privacy.export_part"
            for part, (name, content) in enumerate(files, start=1):
                await interaction.followup.send(
                    text(key, interaction.locale, part=part, parts=len(files)),
                    file=discord.File(io.BytesIO(content), name),
                    ephemeral=True,
                )
        finally:
            self._exporting.remove(user)

    async def _erase(self, user_id: int) -> int:
        """Erase everything of a person, and tell host bots; how many turns it were."""
        people, user = self.parts.people, user_key(user_id)
        before = await people.places(user)
        try:
            return await people.erase(user)
        finally:  # the rows may be gone where their bytes are not: then erasing finds no places
            left = await people.places(user)
            announce_erased(self.bot, [p for p in before if p not in left], user_id=user_id)


async def _settle(
    interaction: discord.Interaction[Any], words: str, *, view: discord.ui.View | None = None
) -> None:
    """Put the outcome in the place of the question, so that it cannot be answered twice."""
    await interaction.edit_original_response(content=words, embed=None, view=view)
