"""The bot of its own, for whoever has no bot to load the extension into."""

import asyncio
import logging
from typing import Any

import discord
from discord.ext import commands

from seollem.bot.extension import add_cogs
from seollem.bot.parts import Parts
from seollem.bot.wording.failures import explanation

_log = logging.getLogger(__name__)


def intents() -> discord.Intents:
    """What Discord is asked to tell us, and no more.

    - guilds: the servers' channels and the bot's permissions in them
    - messages: posts, edits and deletions, in servers and in direct messages
    - message_content: without it, posts in servers arrive without their words and attachments.
      Privileged: it is switched on for the bot in the developer portal.
    """
    asked = discord.Intents.none()
    asked.guilds = True
    asked.messages = True
    asked.message_content = True
    return asked


class SeollemBot(commands.AutoShardedBot):
    """The extension's cogs, slash commands only. Whoever built the parts closes them afterwards.

    Args:
        parts: what the conversation needs.
        options: further options of discord.py, such as ``shard_count``.
    """

    def __init__(self, *, parts: Parts, **options: Any) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,  # required; no such command exists
            help_command=None,
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,  # no message, and so no link to a picture, is kept in memory
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            **options,
        )
        self.parts = parts
        self._warming: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Add the cogs, tell Discord of the commands, and load the model in the background."""
        await add_cogs(self, self.parts)
        try:
            await self.tree.sync()
        except discord.HTTPException:
            # The commands of the last time are still there; the bot need not stay away for that.
            _log.exception("Discord did not take the commands")
        self._warming = asyncio.create_task(self._warm())

    async def on_message(self, message: discord.Message, /) -> None:
        """There are no commands in messages: the cogs listen to what is posted on their own."""

    async def close(self) -> None:
        if self._warming is not None:
            self._warming.cancel()
        await super().close()

    async def _warm(self) -> None:
        try:
            await self.parts.inference.warm()
        except Exception as error:
            _log.exception("the model cannot be loaded: %s", explanation(error, "en") or error)
