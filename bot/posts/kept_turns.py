"""What becomes of a turn when its message is edited or deleted."""

import asyncio
import logging
from collections.abc import Callable, Collection

import discord

from seollem.bot.errors import NoPicture, TurnGone
from seollem.bot.events import HostBot, announce_forgotten, announce_mood
from seollem.bot.identities import user_key
from seollem.bot.parts import Parts
from seollem.bot.posts.eligibility import pictures_of, posted_in
from seollem.bot.posts.notes import Notes
from seollem.bot.posts.reader import Reader, Scored
from seollem.bot.posts.readership import Readership
from seollem.bot.posts.recent import Recent
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.bot.wording.halves import Read
from seollem.bot.wording.words import words_of
from seollem.scoring.errors import NotAgreed
from seollem.vision.errors import ModelError, SelfieError

_log = logging.getLogger(__name__)

_REMEMBERED = 10_000  # messages
RETRY_AFTER = 60.0  # seconds


class KeptTurns:
    """Turns that are recorded already, kept in step with their messages."""

    def __init__(
        self,
        bot: HostBot,
        parts: Parts,
        reader: Reader,
        notes: Notes,
        readership: Readership,
        locale_of: Callable[[discord.Message], discord.Locale],
    ) -> None:
        self._bot = bot
        self._parts = parts
        self._reader = reader
        self._notes = notes
        self._readership = readership
        self._locale_of = locale_of
        self._edits: Recent[int, object] = Recent(_REMEMBERED)  # message → its latest edit
        self._left: Recent[int, bool] = Recent(_REMEMBERED)  # deleted, but not forgotten yet
        self._retrying: asyncio.Task[None] | None = None

    def edited(self, message_id: int) -> object:
        """Take note of an edit → what tells it from others.

        A plain function, so that a listener can call it before it first awaits: of several edits
        under way the latest counts.
        """
        edit = self._edits[message_id] = object()
        return edit

    async def read_again(self, message: discord.Message, edit: object) -> bool:
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
            await self._readership.reads_here(message)
            and await self._readership.has_agreed(message.author.id)
        ):
            return True
        read: Read | None = None
        try:
            read = await self._reader.read_again(
                pictures, words, key=message.id, user_id=message.author.id
            )
        except TurnGone:
            return True  # deleted or withdrawn while it was being read
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
            await self._replace(message, read)
        return True

    async def delete(self, message_ids: Collection[int]) -> None:
        """Forget the turns of deleted messages, then take back what was said below them.

        In this order, for Discord may be slow to take notes back, or refuse to. What the database
        does not take is tried again until it does.
        """
        for message_id in message_ids:
            self._reader.refuse(message_id)
        for message_id in message_ids:
            if not await self._is_forgotten(message_id):
                self._left[message_id] = True
        if self._left and self._retrying is None:
            self._retrying = asyncio.create_task(self._retry())
        for message_id in message_ids:
            await self._notes.follow(message_id)

    async def close(self) -> None:
        """Try once more what is left to forget, and nothing any more after that."""
        if self._retrying is not None:
            self._retrying.cancel()
        for message_id in tuple(self._left):
            await self._is_forgotten(message_id)

    async def _replace(self, message: discord.Message, read: Read) -> None:
        try:
            recorded = await self._parts.engine.replace_turn(
                read.reading,
                user=user_key(message.author.id),
                message_id=str(message.id),
                agreed_to=NOTICE_VERSION,
            )
        except NotAgreed:
            return  # withdrawn while it was being read
        if recorded is not None:
            announce_mood(
                self._bot,
                recorded.mood,
                user_id=message.author.id,
                guild_id=posted_in(message),
            )
            await self._notes.tell_anew(message, Scored(read, recorded), self._locale_of(message))

    async def _retry(self) -> None:
        while self._left:
            await asyncio.sleep(RETRY_AFTER)
            for message_id in tuple(self._left):
                if not await self._is_forgotten(message_id):
                    break
                self._left.pop(message_id, None)
        self._retrying = None

    async def _is_forgotten(self, message_id: int) -> bool:
        try:
            await self._forget(message_id)
        except Exception:
            _log.exception("deleted message %s is not forgotten yet", message_id)
            return False
        return True

    async def _forget(self, message_id: int) -> None:
        await self._reader.call_off(key=message_id)
        for forgotten in await self._parts.engine.forget_message(str(message_id)):
            announce_forgotten(self._bot, forgotten)
