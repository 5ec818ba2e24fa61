"""From pictures and words on Discord to a recorded turn, and how that is called off."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import aiohttp
import discord

from seollem.bot.errors import NoPicture, PictureUnavailable, TurnGone
from seollem.bot.identities import user_key
from seollem.bot.inference import Busy
from seollem.bot.parts import Parts
from seollem.bot.posts.eligibility import is_picture
from seollem.bot.posts.recent import Recent
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.bot.wording.halves import Read, read_halves
from seollem.scoring.errors import NotAgreed
from seollem.scoring.turns import Recorded
from seollem.vision.errors import ImageTooLarge, ModelError, SelfieError
from seollem.vision.readings import SelfieReading

_log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_PICTURES = 4  # tried in one message, so that nobody queues ten at once
MAX_HELD = 200_000_000  # bytes of pictures that wait in memory at a time
_REMEMBERED = 10_000  # deleted messages


@dataclass(frozen=True, slots=True)
class Scored:
    """What was read, and the turn it became."""

    read: Read
    recorded: Recorded


class Reader:
    """Scores one message at a time; a message that is deleted meanwhile leaves nothing.

    A message is one turn, however many pictures it has and whether it has words: the pictures are
    tried in order, the first that gives a reading is the one that counts, and the words are read
    beside it. Either alone is enough. ``key`` names the message: its ID, or the interaction's for a
    picture that came with a command.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._held = 0  # bytes
        self._under_way: dict[int, asyncio.Task[Scored]] = {}  # key → what becomes a turn
        self._owners: dict[asyncio.Task[Any], tuple[int, int]] = {}  # all work → (key, user ID)
        self._refused: Recent[int, bool] = Recent(_REMEMBERED)

    async def score(
        self,
        attachments: Sequence[discord.Attachment],
        words: str | None,
        *,
        key: int,
        user_id: int,
        place: str,
    ) -> Scored:
        """Read and record a turn; whoever asks for a message under way waits for the same answer.

        Raises:
            NoPicture: no attachment is a picture, and there are no words.
            PictureUnavailable: Discord did not hand it over.
            TurnGone: it was refused, called off meanwhile, or the agreement withdrawn.
            SelfieError, ModelError, Busy, DatabaseError: as their modules say.
        """
        if key in self._refused:
            raise TurnGone("deleted before it was read")
        is_first = key not in self._under_way
        if is_first:
            work = self._score(attachments, words, key, user_id, place)
            task = self._under_way[key] = self._begin(work, key, user_id)
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        scored = await _outcome(self._under_way[key])
        # One turn is new once, whoever else waited for it.
        return (
            scored if is_first else replace(scored, recorded=replace(scored.recorded, is_new=False))
        )

    async def read_again(
        self,
        attachments: Sequence[discord.Attachment],
        words: str | None,
        *,
        key: int,
        user_id: int,
    ) -> Read:
        """Read what a message has become, for the turn that it has already.

        Raises:
            NoPicture, PictureUnavailable, TurnGone, SelfieError, ModelError, Busy: see ``score``.
        """
        return await _outcome(self._begin(self._read(attachments, words, user_id), key, user_id))

    async def _read(
        self, attachments: Sequence[discord.Attachment], words: str | None, user_id: int
    ) -> Read:
        """Read the pictures and the words, as far as they can be read."""
        user, pictures = user_key(user_id), [a for a in attachments if is_picture(a)]
        if not pictures and words is None:
            raise NoPicture("no attachment is a picture, and there are no words")
        read_words = self._parts.inference.read_message
        read = await read_halves(
            partial(self._read_selfie, pictures[:MAX_PICTURES], user) if pictures else None,
            None if words is None else partial(read_words, words, user=user),
        )
        if isinstance(read.problem, ModelError):
            _log.warning("half of a message was not read: %s", read.problem)
        return read

    def is_reading(self, key: int) -> bool:
        """Whether a turn for this message is under way."""
        return key in self._under_way

    def refuse(self, key: int) -> None:
        """Begin nothing any more for a message that was deleted; ``call_off`` stops what has begun.

        A plain function, for a message can be deleted while it is on its way to ``score``.
        """
        self._refused[key] = True

    async def call_off(self, *, key: int | None = None, user_id: int | None = None) -> None:
        """Stop what is under way for a message, for a user, or for a user's message.

        Waits until it has stopped. A turn that is being committed just then is there afterwards.
        """
        tasks = [
            task
            for task, (its_key, its_user) in self._owners.items()
            if key in (None, its_key) and user_id in (None, its_user)
        ]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Stop all work under way."""
        await self.call_off()

    def _begin(self, work: Coroutine[Any, Any, T], key: int, user_id: int) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._owners[task] = (key, user_id)
        task.add_done_callback(self._owners.pop)
        return task

    async def _score(
        self,
        attachments: Sequence[discord.Attachment],
        words: str | None,
        key: int,
        user_id: int,
        place: str,
    ) -> Scored:
        read = await self._read(attachments, words, user_id)
        try:
            recorded = await self._parts.engine.record_turn(
                read.reading,
                user=user_key(user_id),
                place=place,
                message_id=str(key),
                agreed_to=NOTICE_VERSION,
            )
        except NotAgreed as error:
            raise TurnGone("the agreement was withdrawn while it was being read") from error
        return Scored(read, recorded)

    async def _read_selfie(
        self, pictures: Sequence[discord.Attachment], user: str
    ) -> SelfieReading:
        """The first reading that the pictures give; else the problem of the first is raised."""
        problems: list[SelfieError] = []
        for picture in pictures:
            try:
                return await self._read_one(picture, user)
            except SelfieError as problem:
                problems.append(problem)
        raise problems[0]

    async def _read_one(self, picture: discord.Attachment, user: str) -> SelfieReading:
        # Both are known before a byte is fetched.
        limit = self._parts.settings.max_image_mb * 1_000_000
        if picture.size > limit:
            raise ImageTooLarge(f"{picture.size:,} bytes, more than {limit:,}")
        if self._held and self._held + picture.size > MAX_HELD:
            raise Busy("Many selfies are waiting in memory; try again in a minute.")
        self._held += picture.size
        try:
            return await self._parts.inference.read_selfie(await _fetch(picture), user=user)
        finally:
            self._held -= picture.size


async def _fetch(picture: discord.Attachment) -> bytes:
    try:
        return await picture.read()
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        raise PictureUnavailable("Discord did not hand over the picture") from error


async def _outcome(task: asyncio.Task[T]) -> T:
    # asyncio.wait, unlike awaiting the task, tells its cancellation from our own.
    await asyncio.wait([task])
    if task.cancelled():
        raise TurnGone("called off while it was being read")
    return task.result()
