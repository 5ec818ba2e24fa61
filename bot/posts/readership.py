"""Where posts are read, and whose."""

import discord

from seollem.bot.identities import user_key
from seollem.bot.parts import Parts
from seollem.bot.posts.eligibility import is_direct
from seollem.bot.wording.consent import NOTICE_VERSION


class Readership:
    """What admins and people have agreed to, asked of the database each time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def reads_here(self, message: discord.Message) -> bool:
        """Whether posts are read where this one is: directly, or in an enabled channel."""
        if message.guild is None:
            return is_direct(message)
        channel = message.channel
        channel_id = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
        return await self._parts.channels.is_enabled(str(message.guild.id), str(channel_id))

    async def has_agreed(self, user_id: int) -> bool:
        """Whether somebody agreed to the notice as it stands."""
        return await self._parts.consents.has_agreed(user_key(user_id), version=NOTICE_VERSION)
