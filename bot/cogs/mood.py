"""What a conversation has come to, and why: /mood, /history, /why, /forget."""

import asyncio
import io
import re
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from seollem.bot import replies
from seollem.bot.answering import answering
from seollem.bot.buttons.lasting import row_of
from seollem.bot.buttons.privacy import show_notice
from seollem.bot.buttons.take_back import TakeBackButton
from seollem.bot.charts import mood_chart
from seollem.bot.errors import NotAMessage, TurnAndMessage
from seollem.bot.events import HostBot, announce_forgotten
from seollem.bot.identities import place_key, user_key
from seollem.bot.parts import Parts
from seollem.bot.posts.reader import Reader
from seollem.bot.translator import named
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.bot.wording.locales import language, text
from seollem.scoring.turns import Forgotten

_CHARTED = 200  # turns; more would be a smear
_LISTED = 15

_MESSAGE = re.compile(  # its ID, alone or at the end of a link
    r"(?:https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/\d+/)?(\d{15,20})"
)


class Moods(commands.Cog, name="Seollem mood"):
    """Shows people what is remembered of their conversation here, a server or direct messages."""

    def __init__(self, bot: HostBot, parts: Parts, reader: Reader) -> None:
        self.bot = bot
        self._reader = reader
        self._engine = parts.engine
        self._consents = parts.consents

    @app_commands.command(
        name=named("command.mood.name"), description=named("command.mood.description")
    )
    @app_commands.rename(public=named("command.mood.public.name"))
    @app_commands.describe(public=named("command.mood.public.description"))
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def mood(self, interaction: discord.Interaction[Any], public: bool = False) -> None:
        """Show the affection with a chart; to others only if asked to."""
        async with answering(interaction, ephemeral=not public):
            locale = interaction.locale
            user, place = user_key(interaction.user.id), place_key(interaction.guild_id)
            mood = await self._engine.mood(user=user, place=place)
            if mood is None:
                await interaction.followup.send(text("mood.none", locale))
                await self._ask_again(interaction)
                return
            turns = await self._engine.history(user=user, place=place, limit=_CHARTED)
            chart = await asyncio.to_thread(mood_chart, turns, mood=mood, locale=language(locale))
            take_back = TakeBackButton(locale=locale, owner=interaction.user.id)
            await interaction.followup.send(
                embed=replies.mood(
                    mood, locale, name=interaction.user.display_name if public else None
                ),
                file=discord.File(io.BytesIO(chart), replies.CHART),
                view=row_of(*([take_back] if public else [])),
            )
            await self._ask_again(interaction)

    @app_commands.command(
        name=named("command.history.name"), description=named("command.history.description")
    )
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def history(self, interaction: discord.Interaction[Any]) -> None:
        """List the latest turns."""
        async with answering(interaction):
            turns = await self._engine.history(
                user=user_key(interaction.user.id),
                place=place_key(interaction.guild_id),
                limit=_LISTED,
            )
            if turns:
                await interaction.followup.send(embed=replies.history(turns, interaction.locale))
            else:
                await interaction.followup.send(text("mood.none", interaction.locale))

    @app_commands.command(
        name=named("command.why.name"), description=named("command.why.description")
    )
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def why(self, interaction: discord.Interaction[Any]) -> None:
        """Explain the latest turn and the mood."""
        async with answering(interaction):
            why = await self._engine.explain(
                user=user_key(interaction.user.id), place=place_key(interaction.guild_id)
            )
            if why is None:
                await interaction.followup.send(text("mood.none", interaction.locale))
            else:
                await interaction.followup.send(embed=replies.why(why, interaction.locale))

    @app_commands.command(
        name=named("command.forget.name"), description=named("command.forget.description")
    )
    @app_commands.rename(
        turn=named("command.forget.turn.name"), message=named("command.forget.message.name")
    )
    @app_commands.describe(
        turn=named("command.forget.turn.description"),
        message=named("command.forget.message.description"),
    )
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def forget(
        self,
        interaction: discord.Interaction[Any],
        turn: app_commands.Range[int, 1] | None = None,
        message: str | None = None,
    ) -> None:
        """Take one turn out, the latest of this conversation by default."""
        async with answering(interaction):
            user, locale = user_key(interaction.user.id), interaction.locale
            if message is None:
                forgotten = await self._forget_number(user, place_key(interaction.guild_id), turn)
                done, none = "forget.done", "forget.none"
            elif turn is None:
                message_id = _message_id(message)
                await self._reader.call_off(key=int(message_id), user_id=interaction.user.id)
                forgotten = await self._engine.forget_turn(user=user, message_id=message_id)
                done, none = "forget.done_message", "forget.none_message"
            else:
                raise TurnAndMessage("both were named")
            if forgotten:
                announce_forgotten(self.bot, forgotten)
                words = text(done, locale, number=forgotten.turn.number)
            else:
                words = text(none, locale)
            await interaction.followup.send(words)

    async def _forget_number(self, user: str, place: str, number: int | None) -> Forgotten | None:
        """Forget a turn of the current conversation, the latest where no number is named."""
        if number is None:
            mood = await self._engine.mood(user=user, place=place)
            if mood is None:
                return None
            number = mood.turns
        return await self._engine.forget_turn(user=user, place=place, number=number)

    async def _ask_again(self, interaction: discord.Interaction[Any]) -> None:
        """Show the notice to whoever agreed to an older one and would wonder why nothing counts."""
        user = user_key(interaction.user.id)
        if not await self._consents.has_agreed(
            user, version=NOTICE_VERSION
        ) and await self._consents.has_agreed(user, version=1):
            await show_notice(interaction, opening="consent.changed")


def _message_id(written: str) -> str:
    """The ID in what was given for a message."""
    match = _MESSAGE.fullmatch(written.strip())
    if match is None:
        raise NotAMessage("neither an ID nor a link")
    return match[1]
