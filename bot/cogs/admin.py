"""Where selfies and messages are read: /seollem enable, disable, status."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from seollem.bot.answering import answering
from seollem.bot.buttons.privacy import privacy_row
from seollem.bot.errors import CannotSpeakHere, NotInForums, NotPermitted
from seollem.bot.events import HostBot
from seollem.bot.parts import Parts
from seollem.bot.translator import named
from seollem.bot.wording.locales import text

_LISTED = 60  # channels; a message holds about 80


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class Admin(
    commands.GroupCog,
    name="Seollem admin",
    group_name=named("command.seollem.name"),
    group_description=named("command.seollem.description"),
):
    """Lets those who manage channels choose the ones that are read."""

    def __init__(self, bot: HostBot, parts: Parts) -> None:
        self.bot = bot
        self._channels = parts.channels

    async def cog_unload(self) -> None:
        # discord.py takes a group away by its cog's name, which is not the group's here.
        if self.app_command is not None:
            self.bot.tree.remove_command(self.app_command.name)

    @app_commands.command(
        name=named("command.seollem.enable.name"),
        description=named("command.seollem.enable.description"),
    )
    @app_commands.rename(channel=named("command.seollem.enable.channel.name"))
    @app_commands.describe(channel=named("command.seollem.enable.channel.description"))
    async def enable(
        self, interaction: discord.Interaction[Any], channel: discord.TextChannel | None = None
    ) -> None:
        """Enable a channel, and leave a note in it that explains, once for all who come by."""
        async with answering(interaction):
            asker, target = _asked(interaction, channel)
            if not isinstance(target, discord.abc.Messageable):
                raise NotInForums(target.mention)
            granted = target.permissions_for(asker.guild.me)
            if not (
                granted.view_channel and granted.send_messages and granted.read_message_history
            ):
                raise CannotSpeakHere(target.mention)
            public = asker.guild.preferred_locale
            try:
                await target.send(
                    text("admin.invitation", public),
                    view=privacy_row(public, "notice"),
                    silent=True,
                )
            except discord.Forbidden as error:  # in a timeout, for one
                raise CannotSpeakHere(target.mention) from error
            await self._channels.enable(str(asker.guild.id), str(target.id))
            await _say(interaction, "admin.enabled", channel=target.mention)

    @app_commands.command(
        name=named("command.seollem.disable.name"),
        description=named("command.seollem.disable.description"),
    )
    @app_commands.rename(channel=named("command.seollem.disable.channel.name"))
    @app_commands.describe(channel=named("command.seollem.disable.channel.description"))
    async def disable(
        self, interaction: discord.Interaction[Any], channel: discord.TextChannel | None = None
    ) -> None:
        """Disable a channel; what people have stays theirs."""
        async with answering(interaction):
            asker, target = _asked(interaction, channel)
            guild = str(asker.guild.id)
            was_enabled = await self._channels.is_enabled(guild, str(target.id))
            await self._channels.disable(guild, str(target.id))
            key = "admin.disabled" if was_enabled else "admin.was_disabled"
            await _say(interaction, key, channel=target.mention)

    @app_commands.command(
        name=named("command.seollem.status.name"),
        description=named("command.seollem.status.description"),
    )
    async def status(self, interaction: discord.Interaction[Any]) -> None:
        """List the enabled channels that the asker may see. Nothing about people is shown."""
        async with answering(interaction):
            asker, _ = _asked(interaction, None)
            enabled = await self._channels.enabled(str(asker.guild.id))
            seen = [
                channel.mention
                for channel in map(asker.guild.get_channel, map(int, enabled))
                if channel is not None and _may_see(asker, channel)
            ]
            mentions, more = ", ".join(seen[:_LISTED]), len(seen) - _LISTED
            if more > 0:
                await _say(interaction, "admin.channels_more", channels=mentions, more=more)
            elif seen:
                await _say(interaction, "admin.channels", channels=mentions)
            else:
                await _say(interaction, "admin.no_channels")

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._channels.disable(str(channel.guild.id), str(channel.id))

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Where the bot was sent away and comes back, its admins choose anew."""
        await self._channels.disable_all(str(guild.id))


def _asked(
    interaction: discord.Interaction[Any], channel: discord.TextChannel | None
) -> tuple[discord.Member, discord.abc.GuildChannel]:
    """Who asks, and the channel meant, a thread's own channel, for who may decide about it.

    Discord shows these commands to those who manage channels, and a server's admins may show them
    to others; whoever may manage neither this channel nor the server is still refused here. What
    Discord tells of the asker's permissions is of the channel where the command was used.
    """
    target = channel or interaction.channel
    if isinstance(target, discord.Thread):
        target = target.parent
    asker = interaction.user
    if not (isinstance(asker, discord.Member) and isinstance(target, discord.abc.GuildChannel)):
        raise CannotSpeakHere(getattr(target, "mention", "?"))
    permissions = target.permissions_for(asker)
    if not (permissions.manage_guild or permissions.manage_channels):
        raise NotPermitted("needs Manage Server, or Manage Channels there")
    return asker, target


def _may_see(asker: discord.Member, channel: discord.abc.GuildChannel) -> bool:
    permissions = channel.permissions_for(asker)
    return permissions.manage_guild or permissions.view_channel


async def _say(interaction: discord.Interaction[Any], key: str, **values: object) -> None:
    await interaction.followup.send(text(key, interaction.locale, **values), ephemeral=True)
