"""What the bot says below a post, and how it is taken back."""

import logging
from typing import Any

import aiohttp
import discord

from seollem.bot import replies
from seollem.bot.buttons.lasting import row_of
from seollem.bot.buttons.privacy import consent_row
from seollem.bot.buttons.selfie import SelfieButton
from seollem.bot.posts.reader import Scored
from seollem.bot.posts.recent import Recent
from seollem.bot.wording.halves import unread_half
from seollem.bot.wording.locales import text
from seollem.scoring.turns import Source
from seollem.vision.errors import ModelError

_log = logging.getLogger(__name__)

_REMEMBERED = 10_000  # notes; an older one stays when its post is deleted
_FAILURE_STAYS = 30.0  # seconds
_NO_FACE = "\N{DOTTED LINE FACE}"

# No permission, the post is gone, Discord fails, or the way to it: timeouts are OSErrors.
_REFUSALS = (discord.HTTPException, aiohttp.ClientError, OSError)


class Notes:
    """Short, silent replies: they ping nobody, and go when the post goes."""

    def __init__(self) -> None:
        self._notes: Recent[int, discord.PartialMessage] = Recent(_REMEMBERED)  # post → our note
        self._gone: Recent[int, bool] = Recent(_REMEMBERED)  # posts

    async def say(self, post: discord.Message, **content: Any) -> None:
        """Reply to a post, where Discord lets us; a reply that is not possible is only logged."""
        try:
            note = await post.reply(mention_author=False, silent=True, **content)
        except _REFUSALS as refusal:
            _log.info("cannot reply in channel %s: %s", post.channel.id, refusal)
            return
        if not isinstance(post.channel, discord.GroupChannel):
            self._notes[post.id] = post.channel.get_partial_message(note.id)  # keeps no content
        if post.id in self._gone:  # while our words were on their way
            await self.take_back(post.id)

    async def ask(self, post: discord.Message, locale: object) -> None:
        """Show the notice to agree to."""
        opening = text("consent.needed", locale)
        await self.say(
            post, embed=replies.consent_notice(locale, opening=opening), view=consent_row(locale)
        )

    async def tell(self, post: discord.Message, scored: Scored, locale: object) -> None:
        """Tell what became of a post: directly everything, in a channel that a picture was read."""
        content, problem = _content(post, scored, locale), scored.read.problem
        if content is not None:
            await self.say(post, **content)
        elif isinstance(problem, ModelError):
            await self.fail(post, unread_half(problem, scored.read.reading.source, locale))

    async def tell_anew(self, post: discord.Message, scored: Scored, locale: object) -> None:
        """Put in the place of what was told of a post, if anything was, what has become of it."""
        content, note = _content(post, scored, locale), self._notes.get(post.id)
        if content is None:
            await self.take_back(post.id)
        elif note is not None:
            try:
                await note.edit(**{"content": None, "embed": None, "view": None} | content)
            except _REFUSALS as refusal:
                _log.info("cannot edit note %s: %s", note.id, refusal)

    async def fail(self, post: discord.Message, words: str) -> None:
        """Tell why there is no reading: for good in direct messages, for a while in a channel."""
        await self.say(post, content=words, delete_after=_FAILURE_STAYS if post.guild else None)

    async def pass_over(self, post: discord.Message) -> None:
        """Show without a word that a picture has no face."""
        try:
            await post.add_reaction(_NO_FACE)
        except _REFUSALS as refusal:
            _log.info("cannot react in channel %s: %s", post.channel.id, refusal)

    async def follow(self, post_id: int) -> None:
        """A post is gone: so is what was said below it, or is just being said."""
        self._gone[post_id] = True
        await self.take_back(post_id)

    async def take_back(self, post_id: int) -> None:
        """Delete what was said below a post, if anything was."""
        note = self._notes.pop(post_id, None)
        if note is not None:
            try:
                await note.delete()
            except _REFUSALS as refusal:
                _log.info("cannot delete note %s: %s", note.id, refusal)


def _content(post: discord.Message, scored: Scored, locale: object) -> dict[str, Any] | None:
    """What to say below a post that was scored; None for words in a channel."""
    reading, problem = scored.read.reading, scored.read.problem
    unread = "" if problem is None else unread_half(problem, reading.source, locale)
    below = f"\n{unread}" if unread else ""
    if reading.source is Source.MESSAGE and post.guild is None:
        words = replies.message(reading, scored.recorded.turn, scored.recorded.mood, locale)
        return {"content": words + below}
    if reading.source is Source.MESSAGE:
        return None
    if post.guild is None:
        return {"embed": replies.scored(scored, locale)}
    button = SelfieButton(
        locale=locale,
        action="reading",
        owner=post.author.id,
        key=post.id,
        clear=reading.is_conclusive,
    )
    return {"content": text("selfie.read", locale) + below, "view": row_of(button)}
