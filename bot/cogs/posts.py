"""What people post in an enabled channel or send directly, and what becomes of it."""

import logging
from collections.abc import Collection
from typing import Any

import discord
from discord.ext import commands

from bot.consent import NOTICE_VERSION
from bot.errors import NoPicture, TurnGone
from bot.events import HostBot, announce_forgotten, announce_mood, announce_turn
from bot.failures import answer
from bot.halves import Read
from bot.identities import place_key, user_key
from bot.notes import Notes
from bot.parts import Parts
from bot.posts import is_direct, may_become_a_turn, pictures_of
from bot.reader import Reader
from bot.recent import Recent
from bot.words import words_of
from scoring.errors import NotAgreed
from scoring.fusion import Reading
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

    Pictures that are spoilers are left out; the menu reads them, for it is asked to. An edit has a
    turn read again, where posts are read; it makes none of a message that was none. What is deleted
    or edited while the bot is away, or deleted with its whole channel, is not told to bots; such
    turns can be forgotten with /forget.
    """

    def __init__(self, bot: HostBot, parts: Parts, reader: Reader) -> None:
        self.bot = bot
        self._parts = parts
        self._reader = reader
        self._notes = Notes()
        self._locales: Recent[int, discord.Locale] = Recent(_REMEMBERED)  # user → language
        self._asked: Recent[int, bool] = Recent(_REMEMBERED)  # user → was shown the notice
        # Both are set before a listener first awaits, so that no later event is missed meanwhile.
        self._arriving: dict[int, discord.Message] = {}  # posts under way, as last edited
        self._edits: Recent[int, object] = Recent(_REMEMBERED)  # message → its latest edit

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        # A message does not tell its author's language; an interaction does.
        self._locales[interaction.user.id] = interaction.locale

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        if may_become_a_turn(message):
            await self._arrive(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        message = payload.message
        # Discord tells of an edit, too, when it has looked up a link or somebody pins the message.
        if message.author.bot or message.edited_at is None:
            return
        edit = self._edits[message.id] = object()
        if message.id in self._arriving or self._reader.is_reading(message.id):
            await self._arrive(message, edit)
            return
        try:
            await self._read_again(message, edit)
        except Exception:
            _log.warning("an edit of message %s was not read", message.id, exc_info=True)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._delete([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._delete(payload.message_ids)

    async def _arrive(self, message: discord.Message, edit: object | None = None) -> None:
        """Read a post, or an edit of one that is under way.

        An edit takes the place of what came before it, however far that has come; so of several
        the latest is read.
        """
        self._arriving[message.id] = message
        is_welcome = False
        try:
            if edit is not None:
                await self._reader.call_off(key=message.id)
                if await self._read_again(message, edit):  # it had just been recorded
                    return
            is_welcome = may_become_a_turn(message) and await self._is_welcome(message)
            if is_welcome and self._arriving.get(message.id) is message:
                await self._read(message)
        except TurnGone:
            pass  # deleted or withdrawn while it was being read: nobody waits for a word
        except Exception as error:
            await self._tell_failure(message, error, is_welcome=is_welcome)
        finally:
            if self._arriving.get(message.id) is message:
                del self._arriving[message.id]

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
            return is_direct(message)
        channel = message.channel
        channel_id = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
        return await self._parts.channels.is_enabled(str(message.guild.id), str(channel_id))

    async def _read(self, message: discord.Message) -> None:
        author, guild_id = message.author, _guild_id(message)
        scored = await self._reader.score(
            pictures_of(message),
            words_of(message.content),
            key=message.id,
            user_id=author.id,
            place=place_key(guild_id),
        )
        if scored.recorded.is_new:  # else it was delivered twice, or scored by the menu before
            announce_turn(
                self.bot,
                scored.recorded,
                user_id=author.id,
                guild_id=guild_id,
                channel_id=message.channel.id,
            )
            await self._notes.tell(message, scored, self._locale(message))

    async def _tell_failure(
        self, message: discord.Message, error: Exception, *, is_welcome: bool
    ) -> None:
        """Tell why there is no reading; in a channel, only where it was welcome."""
        words = answer(error, self._locale(message))  # logs what nobody foresaw
        if message.guild is None:
            await self._notes.fail(message, words)
        elif is_welcome and isinstance(error, NoFaceFound):
            await self._notes.pass_over(message)
        elif is_welcome and pictures_of(message):
            await self._notes.fail(message, words)
        else:
            _log.warning("message %s was not read: %s", message.id, error)

    async def _read_again(self, message: discord.Message, edit: object) -> bool:
        """Put a new reading in the place of the old; where there is none, forget the turn.

        A failure that is not the message's changes nothing, and nothing is read of somebody who
        no longer agrees, or where posts are not read (the menu may have read it there once).

        Returns whether the message has a turn at all.
        """
        user, message_id = user_key(message.author.id), str(message.id)
        if await self._parts.engine.recorded(user=user, message_id=message_id) is None:
            return False
        pictures, words = pictures_of(message), words_of(message.content)
        if (pictures or words is not None) and not (
            await self._is_read_here(message) and await self._has_agreed(message.author.id)
        ):
            return True
        read: Read | None = None
        try:
            read = await self._reader.read(pictures, words, user_id=message.author.id)
        except (SelfieError, NoPicture) as error:
            _log.info("message %s has no reading any more: %s", message.id, error)
        except Exception:
            _log.warning("message %s keeps its old reading", message.id, exc_info=True)
            return True
        if self._edits.get(message.id) is not edit:
            return True  # a later one is being read, or was read sooner
        if read is None:
            await self._forget(message.id)
            await self._notes.take_back(message.id)
        elif isinstance(read.problem, ModelError):
            _log.warning("message %s keeps its old reading: %s", message.id, read.problem)
        else:
            await self._replace(message, read.reading)
        return True

    async def _replace(self, message: discord.Message, reading: Reading) -> None:
        try:
            recorded = await self._parts.engine.replace_turn(
                user=user_key(message.author.id),
                message_id=str(message.id),
                source=reading.source,
                emotions=reading.emotions,
                model=reading.model,
                leading=reading.leading,
                agreed_to=NOTICE_VERSION,
            )
        except NotAgreed:
            return  # withdrawn while it was being read
        if recorded is not None:
            announce_mood(
                self.bot,
                recorded.mood,
                user_id=message.author.id,
                guild_id=_guild_id(message),
            )

    async def _has_agreed(self, user_id: int) -> bool:
        return await self._parts.consents.has_agreed(user_key(user_id), version=NOTICE_VERSION)

    async def _delete(self, message_ids: Collection[int]) -> None:
        """Forget the turns of deleted messages, then take back what was said below them.

        In this order, for Discord may be slow to take notes back, or refuse to.
        """
        for message_id in message_ids:
            self._reader.refuse(message_id)
        for message_id in message_ids:
            try:
                await self._forget(message_id)
            except Exception:
                _log.exception("deleted message %s was not forgotten", message_id)
        for message_id in message_ids:
            await self._notes.take_back(message_id)

    async def _forget(self, message_id: int) -> None:
        await self._reader.call_off(key=message_id)
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
