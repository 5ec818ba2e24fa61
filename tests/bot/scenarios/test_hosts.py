"""The commands that Discord is told of, and the extension in somebody else's bot."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands
from discord.ext import commands

from seollem.bot.client import SeollemBot, intents
from seollem.bot.cogs.mood import Moods
from seollem.bot.translator import Translator
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.bot.wording.locales import text, texts
from seollem.db.errors import DatabaseBusy
from world import World, present

EXTENSION = "seollem.bot.extension"


async def test_the_commands_are_synced_with_korean_names(world: World) -> None:
    synced = world.env.backend.commands[None]
    assert {name for name, _ in synced} == {
        "selfie",
        "Score this selfie",
        "mood",
        "history",
        "why",
        "forget",
        "privacy",
        "seollem",
    }
    for (name, _), command in synced.items():
        key = "score" if name == "Score this selfie" else name
        korean = texts("ko").get(f"command.{key}.name", "")
        assert command["name_localizations"] == {"ko": korean}


async def test_every_option_and_description_is_translated(world: World) -> None:
    def untranslated(node: dict[str, Any]) -> list[str]:
        missing = [] if node.get("name_localizations", {}).get("ko") else [node["name"]]
        if node.get("description") and not node.get("description_localizations", {}).get("ko"):
            missing.append(node["description"])
        return missing + [m for option in node.get("options", []) for m in untranslated(option)]

    synced = world.env.backend.commands[None].values()
    assert [m for command in synced for m in untranslated(command)] == []


async def test_only_the_admins_commands_are_for_servers_alone(world: World) -> None:
    in_direct_messages = world.mina.user.available_commands()
    assert {"selfie", "mood", "history", "why", "forget", "privacy"} == set(in_direct_messages)


async def test_the_bot_asks_for_no_more_than_it_needs() -> None:
    asked = {name for name, value in intents() if value}
    assert asked == {"guilds", "guild_messages", "dm_messages", "message_content"}


async def test_the_bot_starts_without_new_commands_where_discord_refuses_them(
    parts: Any, caplog: pytest.LogCaptureFixture
) -> None:
    env = simcord.Env(SeollemBot(parts=parts, shard_count=1), settle_timeout=20)
    env.inject_error("PUT", "/applications/*/commands", status=500, times=None)
    await env.start()
    try:
        assert "Discord did not take the commands" in caplog.text
        assert env.bot.is_ready()
    finally:
        await env.shutdown()


class Host:
    """Somebody's bot, which knows nothing of Seollem but the name of its extension."""

    def __init__(self, bot: commands.Bot | commands.AutoShardedBot) -> None:
        self.bot = bot
        self.moods: list[Any] = []

        async def setup_hook() -> None:
            await bot.load_extension(EXTENSION)
            await bot.tree.sync()

        async def on_mood_change(event: Any) -> None:
            self.moods.append(event)

        bot.setup_hook = setup_hook  # type: ignore[method-assign]
        bot.add_listener(on_mood_change)


@pytest.fixture(params=[commands.Bot, commands.AutoShardedBot])
async def host(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, analyzer: Any
) -> AsyncIterator[Host]:
    monkeypatch.chdir(tmp_path)  # no .env of the developer's
    monkeypatch.setenv("SEOLLEM_DATABASE_URL", f"sqlite:///{tmp_path / 'host.db'}")
    monkeypatch.setattr("seollem.bot.parts.load_analyzer", lambda settings: analyzer)
    options = {"shard_count": 1} if request.param is commands.AutoShardedBot else {}
    bot = request.param(command_prefix="!", intents=discord.Intents.all(), **options)
    yield Host(bot)
    await bot.close()


async def test_any_bot_can_load_the_extension(host: Host, analyzer: Any) -> None:
    async with simcord.run(host.bot, settle_timeout=20) as env:
        channel = env.create_guild().create_text_channel("lobby")
        mina = env.guild.add_member(env.create_user("mina"))
        asked = await mina.slash(channel, "selfie", image=("me.png", b"happy"))
        assert asked.response is not None
        await mina.click(
            present(asked.response), custom_id=f"seollem:privacy:agree:{NOTICE_VERSION}"
        )
        read = await mina.slash(channel, "selfie", image=("me.png", b"happy"))
        assert "happiness" in present(present(read.response).embeds[0].description)
        assert host.moods[0].user_id == mina.id
        assert analyzer.read_pictures == [b"happy"]


async def erase(world: World, person: Any) -> Any:
    """Erase everything as people do; what the last button's message says then."""
    shown = await person.slash(world.lobby, "privacy")
    asked = await person.click(present(shown.response), custom_id="seollem:privacy:erase")
    [question] = asked.followups
    pressed = await person.click(question, custom_id="seollem:privacy:erase_yes")
    return [answer.content for answer in pressed.followups] or question.content


async def test_hosts_are_told_of_an_erasure_in_every_place_once(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    await world.write_directly(world.mina, "I love you")
    user = f"discord:{world.mina.id}"
    async with world.parts.engine._histories.writing(user) as history:
        await history.begin("guild:7", datetime(2020, 1, 1, tzinfo=UTC))  # ended long ago
    world.told.clear()
    assert await erase(world, world.mina) == text("privacy.erased", "en", turns=2)
    assert {(event.guild_id, event.user_id, event.mood) for event in world.moods()} == {
        (place, world.mina.id, None) for place in (None, 7, world.guild.id)
    }
    assert len(world.told) == 3
    world.told.clear()
    await erase(world, world.mina)
    assert world.told == []


async def test_hosts_are_told_of_an_erasure_whose_bytes_are_still_to_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def shred(*_: Any) -> None:
        raise DatabaseBusy("somebody reads the log")

    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    world.told.clear()
    monkeypatch.setattr("seollem.db.people.shred", shred)
    assert await erase(world, world.mina) == [text("error.TracesLeft", "en")]
    assert [event.mood for event in world.moods()] == [None]


async def test_hosts_are_told_of_no_erasure_that_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> int:
        raise DatabaseBusy("somebody writes")

    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    world.told.clear()
    monkeypatch.setattr("seollem.db.people.People.erase", fail)
    await erase(world, world.mina)
    assert world.told == []


async def test_unloading_the_extension_leaves_the_host_as_it_was(host: Host) -> None:
    async with simcord.run(host.bot, settle_timeout=20) as env:
        await host.bot.unload_extension(EXTENSION)
        assert host.bot.cogs == {}
        assert host.bot.tree.get_commands() == []
        assert host.bot.tree.translator is None
        await host.bot.load_extension(EXTENSION)
        assert len(host.bot.cogs) == 5
        assert env.errors == []


async def test_the_extension_closes_its_parts_when_it_is_unloaded(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    async def close(self: Any) -> None:
        closed.append("inference")

    async with simcord.run(host.bot, settle_timeout=20):
        monkeypatch.setattr("seollem.bot.inference.Inference.close", close)
        await host.bot.unload_extension(EXTENSION)
    assert closed == ["inference"]


async def test_a_hosts_own_translator_stays(host: Host) -> None:
    class Own(app_commands.Translator):
        async def translate(self, string: Any, locale: Any, context: Any) -> None:
            return None

    own = Own()
    await host.bot.tree.set_translator(own)
    async with simcord.run(host.bot, settle_timeout=20):
        assert host.bot.tree.translator is own
        await host.bot.unload_extension(EXTENSION)
        assert host.bot.tree.translator is own


async def test_a_command_of_the_same_name_keeps_the_extension_out_and_itself_in(
    host: Host,
) -> None:
    @app_commands.command(name="mood", description="the host's own")
    async def mood(interaction: discord.Interaction) -> None: ...

    host.bot.tree.add_command(mood)
    with pytest.raises(commands.ExtensionFailed, match=r"HostConflict.* a command named “mood”"):
        async with simcord.run(host.bot, settle_timeout=20):
            pass
    assert host.bot.tree.get_commands() == [mood]
    assert host.bot.cogs == {}


async def test_a_cog_of_the_same_name_keeps_the_extension_out_and_itself_in(host: Host) -> None:
    own = commands.Cog()
    own.__cog_name__ = Moods.__cog_name__
    await host.bot.add_cog(own)
    with pytest.raises(commands.ExtensionFailed, match=r"HostConflict.* cog named “Seollem mood”"):
        async with simcord.run(host.bot, settle_timeout=20):
            pass
    assert host.bot.cogs == {Moods.__cog_name__: own}
    assert host.bot.tree.get_commands() == []


async def test_our_translator_stays_where_the_host_has_set_it(host: Host) -> None:
    own = Translator()
    await host.bot.tree.set_translator(own)
    async with simcord.run(host.bot, settle_timeout=20):
        await host.bot.unload_extension(EXTENSION)
        assert host.bot.tree.translator is own


async def test_a_hosts_own_strings_are_left_alone() -> None:
    translate = Translator().translate
    context: Any = None
    ours = app_commands.locale_str("mood", key="command.mood.name")
    theirs = app_commands.locale_str("mood")
    assert await translate(ours, discord.Locale.korean, context) == text("command.mood.name", "ko")
    assert await translate(ours, discord.Locale.german, context) is None
    assert await translate(theirs, discord.Locale.korean, context) is None
