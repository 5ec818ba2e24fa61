"""What people post in an enabled channel or send directly, and what becomes of it."""

import logging
from typing import Any

import discord
from discord.ext import commands

from seollem.bot.errors import TurnGone
from seollem.bot.events import HostBot, announce_turn
from seollem.bot.identities import place_key
from seollem.bot.parts import Parts
from seollem.bot.posts.eligibility import may_become_a_turn, pictures_of, posted_in
from seollem.bot.posts.kept_turns import KeptTurns
from seollem.bot.posts.notes import Notes
from seollem.bot.posts.reader import Reader
from seollem.bot.posts.readership import Readership
from seollem.bot.posts.recent import Recent
from seollem.bot.wording.failures import answer
from seollem.bot.wording.words import words_of
from seollem.vision.errors import NoFaceFound

_log = logging.getLogger(__name__)

_REMEMBERED = 10_000  # people


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
        self._reader = reader
        self._notes = Notes()
        self._readership = Readership(parts)
        self._kept = KeptTurns(
            bot, parts, reader, self._notes, self._readership, locale_of=self._locale
        )
        self._locales: Recent[int, discord.Locale] = Recent(_REMEMBERED)  # user → language
        self._asked: Recent[int, bool] = Recent(_REMEMBERED)  # user → was shown the notice
        # Set before a listener first awaits, so that no later event is missed meanwhile.
        self._arriving: dict[int, discord.Message] = {}  # posts under way, as last edited

    async def cog_unload(self) -> None:
        await self._kept.close()

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
        edit = self._kept.edited(message.id)
        if message.id in self._arriving or self._reader.is_reading(message.id):
            await self._arrive(message, edit)
            return
        try:
            await self._kept.read_again(message, edit)
        except Exception:
            _log.warning("an edit of message %s was not read", message.id, exc_info=True)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._kept.delete([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._kept.delete(payload.message_ids)

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
                if await self._kept.read_again(message, edit):  # it had just been recorded
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
        """What the database answers of ``may_become_a_turn``: the channel's rule, the author's."""
        author = message.author
        if not await self._readership.reads_here(message):
            return False
        if await self._readership.has_agreed(author.id):
            return True
        if message.guild is None and author.id not in self._asked:
            self._asked[author.id] = True
            await self._notes.ask(message, self._locale(message))
        return False

    async def _read(self, message: discord.Message) -> None:
        author, guild_id = message.author, posted_in(message)
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

    def _locale(self, message: discord.Message) -> discord.Locale:
        """The author's language as last seen, else the server's, else English."""
        fallback = (
            message.guild.preferred_locale if message.guild else discord.Locale.american_english
        )
        return self._locales.get(message.author.id, fallback)
