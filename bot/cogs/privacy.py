"""Consent and what comes with it: agree, decline, see, export, withdraw, erase."""

import asyncio
import io
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from seollem.bot import replies
from seollem.bot.answering import answering
from seollem.bot.buttons.privacy import COG, PrivacyButton, privacy_row, show_notice
from seollem.bot.errors import ExportUnderWay
from seollem.bot.events import HostBot, announce_erased
from seollem.bot.exports import files_of
from seollem.bot.identities import user_key
from seollem.bot.parts import Parts
from seollem.bot.posts.reader import Reader
from seollem.bot.translator import named
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.bot.wording.locales import text

_LARGEST_FILE = 8_000_000  # bytes; Discord refuses more than 10 MiB


class Privacy(commands.Cog, name=COG):
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
