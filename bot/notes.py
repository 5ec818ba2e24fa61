"""What the bot says below a post, and how it is taken back."""

import logging
from typing import Any

import aiohttp
import discord

from bot import replies
from bot.buttons import row_of
from bot.cogs.privacy import consent_row
from bot.cogs.selfies import reading_embed, selfie_button
from bot.halves import unread_half
from bot.locales import text
from bot.reader import Scored
from bot.recent import Recent
from scoring.turns import Source
from vision.errors import ModelError

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

    async def say(self, post: discord.Message, **content: Any) -> None:
        """Reply to a post, where Discord lets us; a reply that is not possible is only logged."""
        try:
            note = await post.reply(mention_author=False, silent=True, **content)
        except _REFUSALS as refusal:
            _log.info("cannot reply in channel %s: %s", post.channel.id, refusal)
            return
        if not isinstance(post.channel, discord.GroupChannel):
            self._notes[post.id] = post.channel.get_partial_message(note.id)  # keeps no content

    async def ask(self, post: discord.Message, locale: object) -> None:
        """Show the notice to agree to."""
        opening = text("consent.needed", locale)
        await self.say(
            post, embed=replies.consent_notice(locale, opening=opening), view=consent_row(locale)
        )

    async def tell(self, post: discord.Message, scored: Scored, locale: object) -> None:
        """Tell what became of a post: directly everything, in a channel that a picture was read."""
        reading, problem = scored.read.reading, scored.read.problem
        unread = "" if problem is None else unread_half(problem, reading.source, locale)
        below = f"\n{unread}" if unread else ""
        if reading.source is Source.MESSAGE and post.guild is None:
            words = replies.message(reading, scored.recorded.turn, scored.recorded.mood, locale)
            await self.say(post, content=words + below)
        elif reading.source is Source.MESSAGE:
            if isinstance(problem, ModelError):
                await self.fail(post, unread)
        elif post.guild is None:
            await self.say(post, embed=reading_embed(scored, locale))
        else:
            button = selfie_button(
                "reading", scored, owner=post.author.id, key=post.id, locale=locale
            )
            await self.say(post, content=text("selfie.read", locale) + below, view=row_of(button))

    async def fail(self, post: discord.Message, words: str) -> None:
        """Tell why there is no reading: for good in direct messages, for a while in a channel."""
        await self.say(post, content=words, delete_after=_FAILURE_STAYS if post.guild else None)

    async def pass_over(self, post: discord.Message) -> None:
        """Show without a word that a picture has no face."""
        try:
            await post.add_reaction(_NO_FACE)
        except _REFUSALS as refusal:
            _log.info("cannot react in channel %s: %s", post.channel.id, refusal)

    async def take_back(self, post_id: int) -> None:
        """Delete what was said below a post that is gone."""
        note = self._notes.pop(post_id, None)
        if note is not None:
            try:
                await note.delete()
            except _REFUSALS as refusal:
                _log.info("cannot delete note %s: %s", note.id, refusal)
