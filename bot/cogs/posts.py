"""What people post in an enabled channel or send directly, and what becomes of it."""

import logging
from typing import Any

import discord
from discord.ext import commands

from bot import replies
from bot.buttons import row_of
from bot.cogs.selfies import reading_embed, selfie_button
from bot.consent import NOTICE_VERSION
from bot.errors import NoPicture, TurnGone
from bot.events import HostBot, announce_forgotten, announce_mood, announce_turn
from bot.failures import answer
from bot.halves import unread_half
from bot.identities import place_key, user_key
from bot.locales import text
from bot.notes import Notes
from bot.parts import Parts
from bot.posts import has_picture, may_become_a_turn
from bot.reader import Reader, Scored
from bot.recent import Recent
from bot.words import words_of
from scoring.turns import Source
from vision.errors import ModelError, NoFaceFound, SelfieError

_log = logging.getLogger(__name__)

_REMEMBERED = 10_000  # people, and messages


class Posts(commands.Cog, name="Seollem posts"):
    """Scores what people post, and answers so that only they learn the score.

    A message cannot be shown to one person alone. So in a channel the bot says of a picture only
    that it has read it, with a button that answers whoever posted it; a picture without a face gets
    a reaction and no words, for people post other things than selfies, too; and other failures are
    told in a note that soon deletes itself. Of words it says nothing at all: it would be noise, and
    /mood, /history and /why show them to whom they belong. Sent directly, both are answered openly.

    Nobody is asked to agree in a channel: the note that ``/seollem enable`` leaves there does it
    once for all. Who writes or sends a picture directly is shown the notice once, and not reminded.

    An edit has a turn read again, where posts are read; it makes none of a message that was none.
    What is deleted or edited while the bot is away, or deleted with its whole channel, is not told
    to bots; such turns can be forgotten with /forget.
    """

    def __init__(self, bot: HostBot, parts: Parts, reader: Reader) -> None:
        self.bot = bot
        self._parts = parts
        self._reader = reader
        self._notes = Notes()
        self._locales: Recent[int, discord.Locale] = Recent(_REMEMBERED)  # user → language
        self._asked: Recent[int, bool] = Recent(_REMEMBERED)  # user → was shown the notice
        self._edits: Recent[int, object] = Recent(_REMEMBERED)  # message → its latest edit

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        # A message does not tell its author's language; an interaction does.
        self._locales[interaction.user.id] = interaction.locale

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        if may_become_a_turn(message) and await self._is_welcome(message):
            await self._read(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        message = payload.message
        # Discord tells of an edit, too, when it has looked up a link or somebody pins the message.
        if message.author.bot or message.edited_at is None:
            return
        if await self._reader.call_off(key=message.id):
            await self.on_message(message)
        elif await self._parts.engine.recorded(
            user=user_key(message.author.id), message_id=str(message.id)
        ):
            await self._read_again(message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._forget(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        for message_id in payload.message_ids:
            await self._forget(message_id)

    async def _is_welcome(self, message: discord.Message) -> bool:
        """The rules of ``may_become_a_turn`` that memory answers: the channel's, the author's."""
        author = message.author
        if not await self._is_read_here(message):
            return False
        if await self._has_agreed(author.id):
            return True
        if message.guild is None and author.id not in self._asked:
            self._asked[author.id] = True
            await self._notes.ask(message, self._locale(message))
        return False

    async def _is_read_here(self, message: discord.Message) -> bool:
        """Whether posts are read where this one is: directly, or in an enabled channel."""
        if message.guild is None:
            return True
        channel = message.channel
        channel_id = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
        return await self._parts.channels.is_enabled(str(message.guild.id), str(channel_id))

    async def _read(self, message: discord.Message) -> None:
        author, guild_id = message.author, _guild_id(message)
        try:
            scored = await self._reader.score(
                message.attachments,
                words_of(message.content),
                key=message.id,
                user_id=author.id,
                place=place_key(guild_id),
            )
        except TurnGone:
            return  # deleted or withdrawn while it was being read: nobody waits for a word
        except Exception as error:
            await self._tell_failure(message, error)
            return
        if scored.recorded.is_new:  # else it was delivered twice, or scored by the menu before
            announce_turn(
                self.bot,
                scored.recorded,
                user_id=author.id,
                guild_id=guild_id,
                channel_id=message.channel.id,
            )
            await self._tell(message, scored)

    async def _tell(self, message: discord.Message, scored: Scored) -> None:
        locale, reading = self._locale(message), scored.read.reading
        if message.guild is None:
            if reading.source is not Source.MESSAGE:
                await self._notes.say(message, embed=reading_embed(scored, locale))
                return
            words = replies.message(reading, scored.recorded.turn, scored.recorded.mood, locale)
            if scored.read.problem is not None:
                words += f"\n{unread_half(scored.read.problem, reading.source, locale)}"
            await self._notes.say(message, content=words)
        elif reading.source is not Source.MESSAGE:
            button = selfie_button(
                "reading", scored, owner=message.author.id, key=message.id, locale=locale
            )
            words = text("selfie.read", locale)
            if scored.read.problem is not None:
                words += f"\n{unread_half(scored.read.problem, reading.source, locale)}"
            await self._notes.say(message, content=words, view=row_of(button))
        elif isinstance(scored.read.problem, ModelError):
            words = unread_half(scored.read.problem, reading.source, locale)
            await self._notes.fail(message, words)

    async def _tell_failure(self, message: discord.Message, error: Exception) -> None:
        words = answer(error, self._locale(message))  # logs what nobody foresaw
        if message.guild is None:
            await self._notes.fail(message, words)
        elif isinstance(error, NoFaceFound):
            await self._notes.pass_over(message)
        elif has_picture(message):
            await self._notes.fail(message, words)
        else:
            _log.warning("message %s was not read: %s", message.id, error)

    async def _read_again(self, message: discord.Message) -> None:
        """Put a new reading in the place of the old; where there is none, forget the turn.

        A failure that is not the message's changes nothing, and nothing is read of somebody who
        no longer agrees, or where posts are not read (the menu may have read it there once).
        """
        edit = self._edits[message.id] = object()
        words = words_of(message.content)
        is_empty = words is None and not has_picture(message)
        if not is_empty and not (
            await self._is_read_here(message) and await self._has_agreed(message.author.id)
        ):
            return
        try:
            read = await self._reader.read(message.attachments, words, user_id=message.author.id)
        except (SelfieError, NoPicture) as error:
            _log.info("message %s has no reading any more: %s", message.id, error)
            await self._forget(message.id)
            return
        except Exception:
            _log.warning("message %s keeps its old reading", message.id, exc_info=True)
            return
        if isinstance(read.problem, ModelError):
            _log.warning("message %s keeps its old reading: %s", message.id, read.problem)
            return
        is_latest = self._edits.get(message.id) is edit  # a later one may have been read sooner
        if not is_latest or not await self._has_agreed(message.author.id):
            return
        recorded = await self._parts.engine.replace_turn(
            user=user_key(message.author.id),
            message_id=str(message.id),
            source=read.reading.source,
            emotions=read.reading.emotions,
            model=read.reading.model,
            leading=read.reading.leading,
        )
        if recorded is not None:
            announce_mood(
                self.bot,
                recorded.mood,
                user_id=message.author.id,
                guild_id=_guild_id(message),
            )

    async def _has_agreed(self, user_id: int) -> bool:
        return await self._parts.consents.has_agreed(user_key(user_id), version=NOTICE_VERSION)

    async def _forget(self, message_id: int) -> None:
        await self._reader.call_off(key=message_id)
        await self._notes.take_back(message_id)
        for forgotten in await self._parts.engine.forget_message(str(message_id)):
            announce_forgotten(self.bot, forgotten)

    def _locale(self, message: discord.Message) -> discord.Locale:
        """The author's language as last seen, else the server's, else English."""
        fallback = (
            message.guild.preferred_locale if message.guild else discord.Locale.american_english
        )
        return self._locales.get(message.author.id, fallback)


def _guild_id(message: discord.Message) -> int | None:
    return None if message.guild is None else message.guild.id
