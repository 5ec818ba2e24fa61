"""Who manages channels decides where selfies are read."""

from typing import Any

import discord
import pytest
import simcord

from bot.locales import text


async def test_an_enabled_channel_is_read_and_explains_itself(world: Any) -> None:
    await world.agree(world.mina)
    enabled = await world.admin.slash(world.lobby, "seollem enable")
    assert enabled.ephemeral
    assert enabled.response.content == text("admin.enabled", "en", channel=world.lobby.mention)
    note = world.lobby.last_message
    assert note.content == text("admin.invitation", "en")
    assert world.labels(note) == [text("button.notice", "en")]
    await world.mina.send(world.lobby, attachments=[world.HAPPY])
    assert await world.turns_of(world.mina) == 1


async def test_another_channel_can_be_named(world: Any) -> None:
    await world.admin.slash(world.studio, "seollem enable", channel=world.lobby)
    assert await world.parts.channels.is_enabled(str(world.guild.id), str(world.lobby.id))


async def test_a_disabled_channel_is_read_no_more(world: Any) -> None:
    await world.agree(world.mina)
    disabled = await world.admin.slash(world.studio, "seollem disable")
    assert disabled.response.content == text("admin.disabled", "en", channel=world.studio.mention)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert world.fetched == []
    again = await world.admin.slash(world.studio, "seollem disable")
    assert again.response.content == text("admin.was_disabled", "en", channel=world.studio.mention)


async def test_status_lists_the_channels_and_nobodys_scores(world: Any) -> None:
    listed = await world.admin.slash(world.lobby, "seollem status")
    assert listed.response.content == text("admin.channels", "en", channels=world.studio.mention)
    await world.admin.slash(world.studio, "seollem disable")
    listed = await world.admin.slash(world.lobby, "seollem status")
    assert listed.response.content == text("admin.no_channels", "en")


async def test_discord_hides_the_commands_from_those_who_may_not(world: Any) -> None:
    with pytest.raises(simcord.SetupError):
        await world.mina.slash(world.lobby, "seollem enable")


async def test_who_was_shown_the_commands_without_the_permission_is_refused(world: Any) -> None:
    shown_to_all = world.env.backend.find_command("seollem", None)
    shown_to_all["default_member_permissions"] = None
    refused = await world.mina.slash(world.lobby, "seollem enable")
    assert refused.response.content == text("error.NotPermitted", "en")
    assert not await world.parts.channels.is_enabled(str(world.guild.id), str(world.lobby.id))


async def test_a_channel_where_the_bot_may_not_speak_is_not_enabled(world: Any) -> None:
    muted = discord.PermissionOverwrite(send_messages=False)
    silent = world.guild.create_text_channel("silent", overwrites={world.bot.user: muted})
    refused = await world.admin.slash(silent, "seollem enable")
    assert refused.response.content == text("error.CannotSpeakHere", "en", channel=silent.mention)
    assert not await world.parts.channels.is_enabled(str(world.guild.id), str(silent.id))


async def test_a_deleted_channel_is_forgotten(world: Any) -> None:
    await world.bot.get_channel(world.studio.id).delete()
    await world.env.settle()
    assert await world.parts.channels.enabled(str(world.guild.id)) == ()
