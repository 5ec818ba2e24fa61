"""Which channels are enabled."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.channels import Channels


async def test_a_channel_is_enabled_in_its_own_guild(database: AsyncEngine) -> None:
    channels = Channels(database)
    assert not await channels.is_enabled("1", "10")
    await channels.enable("1", "10")
    assert await channels.is_enabled("1", "10")
    assert not await channels.is_enabled("1", "11")
    assert not await channels.is_enabled("2", "10")


async def test_enabled_channels_are_listed_in_order_and_once(database: AsyncEngine) -> None:
    channels = Channels(database)
    assert await channels.enabled("1") == ()
    await asyncio.gather(*(channels.enable("1", name) for name in ("12", "10", "11", "10", "10")))
    await channels.enable("2", "20")
    assert await channels.enabled("1") == ("10", "11", "12")


async def test_a_disabled_channel_can_be_enabled_again(database: AsyncEngine) -> None:
    channels = Channels(database)
    await channels.enable("1", "10")
    await channels.disable("1", "10")
    await channels.disable("1", "10")
    assert await channels.enabled("1") == ()
    await channels.enable("1", "10")
    assert await channels.is_enabled("1", "10")


async def test_all_channels_of_one_guild_are_disabled_together(database: AsyncEngine) -> None:
    channels = Channels(database)
    for guild, channel in (("1", "10"), ("1", "11"), ("2", "20")):
        await channels.enable(guild, channel)
    await channels.disable_all("1")
    assert await channels.enabled("1") == ()
    assert await channels.enabled("2") == ("20",)
