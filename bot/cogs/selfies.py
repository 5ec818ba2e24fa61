"""Selfies that somebody asks to have read: /selfie, and the menu on one's own message."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from seollem.bot import replies
from seollem.bot.answering import answering
from seollem.bot.buttons.lasting import row_of
from seollem.bot.buttons.privacy import show_notice
from seollem.bot.buttons.selfie import COG, SelfieButton
from seollem.bot.buttons.take_back import TakeBackButton
from seollem.bot.errors import NoPicture, NotYours, TurnGone
from seollem.bot.events import HostBot, announce_turn
from seollem.bot.identities import place_key, user_key
from seollem.bot.parts import Parts
from seollem.bot.posts.eligibility import is_picture
from seollem.bot.posts.reader import Reader
from seollem.bot.translator import named
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.bot.wording.locales import text
from seollem.bot.wording.words import words_of

_MOST_WORDS = 2_000  # characters, as in a message


class Selfies(commands.Cog, name=COG):
    """Reads what it is handed, and answers in private."""

    def __init__(self, bot: HostBot, parts: Parts, reader: Reader) -> None:
        self.bot = bot
        self._parts = parts
        self._reader = reader
        self._menu = app_commands.ContextMenu(name=named("command.score.name"), callback=self.score)

    async def cog_load(self) -> None:
        self.bot.tree.add_command(self._menu)
        self.bot.add_dynamic_items(SelfieButton, TakeBackButton)

    async def cog_unload(self) -> None:
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)
        self.bot.remove_dynamic_items(SelfieButton, TakeBackButton)
        await self._reader.close()

    @app_commands.command(
        name=named("command.selfie.name"), description=named("command.selfie.description")
    )
    @app_commands.rename(
        image=named("command.selfie.image.name"), words=named("command.selfie.words.name")
    )
    @app_commands.describe(
        image=named("command.selfie.image.description"),
        words=named("command.selfie.words.description"),
    )
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def selfie(
        self,
        interaction: discord.Interaction[Any],
        image: discord.Attachment,
        words: app_commands.Range[str, 1, _MOST_WORDS] | None = None,
    ) -> None:
        """Read the picture that came with the command, and the words beside it, if any."""
        async with answering(interaction):
            await self._answer(interaction, [image], words_of(words or ""), key=interaction.id)

    async def score(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        """Read a message with a picture that its author chose in the menu."""
        async with answering(interaction):
            if message.author != interaction.user:
                raise NotYours("somebody else's message")
            words = words_of(message.content)
            await self._answer(interaction, message.attachments, words, key=message.id)

    async def _answer(
        self,
        interaction: discord.Interaction[Any],
        attachments: Sequence[discord.Attachment],
        words: str | None,
        *,
        key: int,
    ) -> None:
        user, locale = interaction.user, interaction.locale
        if not await self._parts.consents.has_agreed(user_key(user.id), version=NOTICE_VERSION):
            await show_notice(interaction, opening="consent.needed")
            return
        if not any(map(is_picture, attachments)):
            raise NoPicture("no attachment is a picture")
        scored = await self._reader.score(
            attachments, words, key=key, user_id=user.id, place=place_key(interaction.guild_id)
        )
        announce_turn(
            self.bot,
            scored.recorded,
            user_id=user.id,
            guild_id=interaction.guild_id,
            channel_id=interaction.channel_id,
        )
        # In direct messages there is nobody to share it with.
        share = SelfieButton(
            locale=locale,
            action="share",
            owner=user.id,
            key=key,
            clear=scored.read.reading.is_conclusive,
        )
        buttons = [] if interaction.guild_id is None else [share]
        await interaction.followup.send(
            content="" if scored.recorded.is_new else text("selfie.already", locale),
            embed=replies.scored(scored, locale),
            view=row_of(*buttons),
            ephemeral=True,
        )

    async def show(self, interaction: discord.Interaction[Any], button: SelfieButton) -> None:
        """Show a reading to its owner again, from the turn that is remembered."""
        share = SelfieButton(
            locale=interaction.locale,
            action="share",
            owner=button.owner,
            key=button.key,
            clear=button.clear,
        )
        await interaction.followup.send(
            embed=await self._remembered(interaction, button), view=row_of(share), ephemeral=True
        )

    async def share(self, interaction: discord.Interaction[Any], button: SelfieButton) -> None:
        """Post a reading for all to see, and take the button away."""
        name = interaction.user.display_name
        await interaction.followup.send(
            embed=await self._remembered(interaction, button, name=name),
            view=row_of(TakeBackButton(locale=interaction.locale, owner=button.owner)),
            ephemeral=False,
        )
        await interaction.edit_original_response(view=None)

    async def _remembered(
        self, interaction: discord.Interaction[Any], button: SelfieButton, name: str | None = None
    ) -> discord.Embed:
        recorded = await self._parts.engine.recorded(
            user=user_key(button.owner), message_id=str(button.key)
        )
        if recorded is None:
            raise TurnGone("no turn of this message")
        return replies.reading(
            recorded.turn,
            recorded.mood,
            interaction.locale,
            conclusive=bool(button.clear),
            name=name,
        )
