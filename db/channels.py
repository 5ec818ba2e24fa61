"""The channels in which an admin enabled the scoring of selfies and messages.

    channels = Channels(engine)
    await channels.enable("456", "789")
    await channels.is_enabled("456", "789")    # True
    await channels.enabled("456")              # ("789",)
    await channels.disable("456", "789")
    await channels.disable_all("456")

Guilds and channels are named by Discord's numbers, as strings.
"""

from sqlalchemy import Delete, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.models import ChannelRow
from seollem.db.transactions import reading, writing


class Channels:
    """Enabled channels; guild and channel are Discord's numbers as strings.

    Args:
        engine: a migrated database; it stays the caller's to dispose of.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def enable(self, guild: str, channel: str) -> None:
        """Enable a channel; nothing changes where it is enabled already."""
        async with writing(self._engine, f"guild {guild}") as transaction:
            await transaction.execute(_removal(guild, channel))
            row = {"guild_id": guild, "channel_id": channel}
            await transaction.execute(insert(ChannelRow).values(row))

    async def disable(self, guild: str, channel: str) -> None:
        """Disable a channel; nothing changes where it is not enabled."""
        async with writing(self._engine, f"guild {guild}") as transaction:
            await transaction.execute(_removal(guild, channel))

    async def disable_all(self, guild: str) -> None:
        """Disable every channel of a guild."""
        async with writing(self._engine, f"guild {guild}") as transaction:
            await transaction.execute(delete(ChannelRow).where(ChannelRow.guild_id == guild))

    async def is_enabled(self, guild: str, channel: str) -> bool:
        """Whether selfies and messages in this channel are scored."""
        return channel in await self.enabled(guild)

    async def enabled(self, guild: str) -> tuple[str, ...]:
        """The enabled channels of a guild, in the order of their names."""
        query = (
            select(ChannelRow.channel_id)
            .where(ChannelRow.guild_id == guild)
            .order_by(ChannelRow.channel_id)
        )
        async with reading(self._engine) as transaction:
            return tuple((await transaction.execute(query)).scalars().all())


def _removal(guild: str, channel: str) -> Delete:
    return delete(ChannelRow).where(ChannelRow.guild_id == guild, ChannelRow.channel_id == channel)
