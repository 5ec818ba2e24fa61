"""Who manages channels decides where selfies are read."""

from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
import simcord

from seollem.bot.wording.locales import text
from world import World, present


async def test_an_enabled_channel_is_read_and_explains_itself(world: World) -> None:
    await world.agree(world.mina)
    enabled = await world.admin.slash(world.lobby, "seollem enable")
    assert enabled.ephemeral
    assert present(enabled.response).content == text(
        "admin.enabled", "en", channel=world.lobby.mention
    )
    note = present(world.lobby.last_message)
    assert note.content == text("admin.invitation", "en")
    assert world.labels(note) == [text("button.notice", "en")]
    await world.mina.send(world.lobby, attachments=[world.HAPPY])
    assert await world.turns_of(world.mina) == 1


async def test_another_channel_can_be_named(world: World) -> None:
    await world.admin.slash(world.studio, "seollem enable", channel=world.lobby)
    assert await world.parts.channels.is_enabled(str(world.guild.id), str(world.lobby.id))


async def test_a_disabled_channel_is_read_no_more(world: World) -> None:
    await world.agree(world.mina)
    disabled = await world.admin.slash(world.studio, "seollem disable")
    assert present(disabled.response).content == text(
        "admin.disabled", "en", channel=world.studio.mention
    )
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert world.fetched == []
    again = await world.admin.slash(world.studio, "seollem disable")
    assert present(again.response).content == text(
        "admin.was_disabled", "en", channel=world.studio.mention
    )


async def test_status_lists_the_channels_and_nobodys_scores(world: World) -> None:
    listed = await world.admin.slash(world.lobby, "seollem status")
    assert present(listed.response).content == text(
        "admin.channels", "en", channels=world.studio.mention
    )
    await world.admin.slash(world.studio, "seollem disable")
    listed = await world.admin.slash(world.lobby, "seollem status")
    assert present(listed.response).content == text("admin.no_channels", "en")


async def test_discord_hides_the_commands_from_those_who_may_not(world: World) -> None:
    with pytest.raises(simcord.SetupError):
        await world.mina.slash(world.lobby, "seollem enable")


async def test_who_was_shown_the_commands_without_the_permission_is_refused(world: World) -> None:
    shown_to_all = present(world.env.backend.find_command("seollem", None))
    shown_to_all["default_member_permissions"] = None
    refused = await world.mina.slash(world.lobby, "seollem enable")
    assert present(refused.response).content == text("error.NotPermitted", "en")
    assert not await world.parts.channels.is_enabled(str(world.guild.id), str(world.lobby.id))


async def test_a_channel_where_the_note_is_refused_is_not_enabled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while the bot is in a timeout, which its permissions do not show."""

    response = SimpleNamespace(status=403, reason="Forbidden")

    async def refuse(*_: Any, **__: Any) -> None:
        raise discord.Forbidden(cast("aiohttp.ClientResponse", response), "no")

    monkeypatch.setattr(discord.TextChannel, "send", refuse)
    refused = await world.admin.slash(world.lobby, "seollem enable")
    told = text("error.CannotSpeakHere", "en", channel=world.lobby.mention)
    assert present(refused.response).content == told
    assert not await world.parts.channels.is_enabled(str(world.guild.id), str(world.lobby.id))


async def test_a_channel_where_the_bot_may_not_speak_is_not_enabled(world: World) -> None:
    muted = discord.PermissionOverwrite(send_messages=False)
    silent = world.guild.create_text_channel("silent", overwrites={present(world.bot.user): muted})
    refused = await world.admin.slash(silent, "seollem enable")
    assert present(refused.response).content == text(
        "error.CannotSpeakHere", "en", channel=silent.mention
    )
    assert not await world.parts.channels.is_enabled(str(world.guild.id), str(silent.id))


async def test_a_deleted_channel_is_forgotten(world: World) -> None:
    channel = world.bot.get_channel(world.studio.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.delete()
    await world.env.settle()
    assert await world.parts.channels.enabled(str(world.guild.id)) == ()


def keeper_of(world: World, name: str) -> tuple[Any, Any]:
    """Somebody who manages channels in one channel only, and that channel."""
    keeper = world.guild.add_member(world.env.create_user("keeper"))
    may = discord.PermissionOverwrite(manage_channels=True)
    return keeper, world.guild.create_text_channel(name, overwrites={keeper: may})


async def test_who_manages_one_channel_decides_about_that_one_alone(world: World) -> None:
    keeper, mine = keeper_of(world, "mine")
    enable = await keeper.slash(mine, "seollem enable", channel=world.lobby)
    disable = await keeper.slash(mine, "seollem disable", channel=world.studio)
    for refused in (enable, disable):
        assert present(refused.response).content == text("error.NotPermitted", "en")
    enabled = await world.parts.channels.enabled(str(world.guild.id))
    assert enabled == (str(world.studio.id),)
    assert world.lobby.history() == []
    allowed = await keeper.slash(mine, "seollem enable")
    assert present(allowed.response).content == text("admin.enabled", "en", channel=mine.mention)


async def test_who_manages_the_server_decides_about_and_sees_every_channel(world: World) -> None:
    role = world.guild.create_role(
        "owners", permissions=discord.Permissions(manage_guild=True, manage_channels=True)
    )
    owner = world.guild.add_member(world.env.create_user("owner"), roles=[role])
    deny = discord.PermissionOverwrite(manage_channels=False)
    locked = world.guild.create_text_channel("locked", overwrites={owner: deny})
    await owner.slash(world.lobby, "seollem enable", channel=locked)
    assert await world.parts.channels.is_enabled(str(world.guild.id), str(locked.id))
    hidden = discord.PermissionOverwrite(view_channel=False)
    secret = world.guild.create_text_channel("secret", overwrites={owner: hidden})
    await world.parts.channels.enable(str(world.guild.id), str(secret.id))
    listed = await owner.slash(world.lobby, "seollem status")
    for channel in (world.studio, locked, secret):
        assert channel.mention in present(listed.response).content


async def test_status_lists_no_channel_that_the_asker_may_not_see(world: World) -> None:
    keeper, mine = keeper_of(world, "mine")
    hidden = discord.PermissionOverwrite(view_channel=False)
    secret = world.guild.create_text_channel("secret", overwrites={keeper: hidden})
    guild = str(world.guild.id)
    await world.parts.channels.enable(guild, str(secret.id))
    shown = await keeper.slash(mine, "seollem status")
    assert present(shown.response).content == text(
        "admin.channels", "en", channels=world.studio.mention
    )
    assert (
        secret.mention
        in present((await world.admin.slash(mine, "seollem status")).response).content
    )
    await world.parts.channels.disable(guild, str(world.studio.id))
    nothing = await keeper.slash(mine, "seollem status")
    assert present(nothing.response).content == text("admin.no_channels", "en")


async def test_a_long_status_is_shortened_and_says_so(world: World) -> None:
    for number in range(89):
        channel = world.guild.create_text_channel(f"channel-{number}")
        await world.parts.channels.enable(str(world.guild.id), str(channel.id))
    listed = await world.admin.slash(world.lobby, "seollem status")
    assert len(present(listed.response).content) <= 2000
    assert present(listed.response).content.count("<#") == 60
    assert present(listed.response).content.endswith("… and 30 more")


async def test_a_forum_is_refused_for_what_it_is(world: World) -> None:
    forum = world.guild.create_forum_channel("questions")
    post = world.env.backend.create_thread(forum.id, "how?", world.admin.id)
    await world.env.settle()
    handle = type(forum)(world.env, world.guild, post)
    refused = await world.admin.slash(handle, "seollem enable")
    assert present(refused.response).content == text(
        "error.NotInForums", "en", channel=forum.mention
    )
    assert not await world.parts.channels.is_enabled(str(world.guild.id), str(forum.id))


async def test_a_server_that_sends_the_bot_away_is_forgotten(world: World) -> None:
    await world.parts.channels.enable("1", "10")
    world.env.backend.remove_guild(world.guild.id)
    await world.env.settle()
    assert await world.parts.channels.enabled(str(world.guild.id)) == ()
    assert await world.parts.channels.enabled("1") == ("10",)
