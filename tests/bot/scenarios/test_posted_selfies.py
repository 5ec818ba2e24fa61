"""A selfie posted in an enabled channel: read for its owner, told to nobody else."""

import asyncio
from typing import Any

import aiohttp
import discord
import pytest
import simcord

from seollem.bot.events import AffectionTurn, MoodChange
from seollem.bot.posts.reader import Reader
from seollem.bot.wording.consent import NOTICE_VERSION
from seollem.bot.wording.locales import text
from world import World, present

HIDDEN = ("SPOILER_happy.png", b"happy")


async def test_a_posted_selfie_becomes_a_turn_that_mood_remembers(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])

    assert len(world.fetched) == 1  # read as bytes once
    note = present(world.studio.last_message)
    assert note.content == text("selfie.read", "en")
    assert world.labels(note) == [text("button.reading", "en")]
    shown = await world.mina.click(note, label=text("button.reading", "en"))
    [reading] = shown.followups
    assert reading.ephemeral
    assert "happiness" in world.words(reading)
    assert "86%" in world.words(reading)

    mood = await world.mina.slash(world.studio, "mood")
    assert mood.ephemeral
    assert [a.filename for a in present(mood.response).attachments] == ["mood.png"]
    assert present(mood.response).embeds[0].fields[1].value == "1"
    assert await world.turns_of(world.mina) == 1


async def test_the_channel_never_sees_a_score(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    public = "\n".join(
        world.words(m) for m in world.studio.history(viewer=world.jun) if m.author.bot
    )
    assert public == text("selfie.read", "en")


async def test_a_note_pings_nobody(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    note = present(world.studio.last_message)
    assert note.mentions == []
    assert note.flags.suppress_notifications


async def test_two_people_do_not_see_each_others_readings(world: World) -> None:
    await world.agree(world.mina, world.jun)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    note = present(world.studio.last_message)
    await world.jun.send(world.studio, attachments=[world.SAD])

    refused = await world.jun.click(note, label=text("button.reading", "en"))
    [answer] = refused.followups
    assert answer.ephemeral
    assert answer.content == text("error.NotYours", "en")

    moods = [await person.slash(world.studio, "mood") for person in (world.mina, world.jun)]
    percents = [present(mood.response).embeds[0].fields[0].value for mood in moods]
    assert percents[0] != percents[1]
    assert await world.turns_of(world.mina) == await world.turns_of(world.jun) == 1


async def test_host_bots_are_told_of_the_turn_and_the_mood(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    turn, mood = world.told
    assert isinstance(turn, AffectionTurn)
    assert (turn.user_id, turn.guild_id, turn.channel_id) == (
        world.mina.id,
        world.guild.id,
        world.studio.id,
    )
    assert turn.turn.affection > 0
    assert isinstance(mood, MoodChange)
    assert present(mood.mood).turns == 1


async def test_the_same_message_delivered_twice_counts_once(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY])
    posts = len(world.studio.history())
    world.bot.dispatch("message", message)
    await world.env.settle()
    assert await world.turns_of(world.mina) == 1
    assert len(world.studio.history()) == posts
    assert len(world.told) == 2


async def test_a_message_delivered_twice_at_once_is_read_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    asked: list[int] = []
    score = Reader.score

    async def counted(self: Reader, *args: Any, **kwargs: Any) -> Any:
        asked.append(kwargs["key"])
        return await score(self, *args, **kwargs)

    monkeypatch.setattr(Reader, "score", counted)
    world.analyzer.may_answer.clear()
    posting = asyncio.create_task(world.mina.send(world.studio, attachments=[world.HAPPY]))
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    message = present(world.studio.last_message)
    world.bot.dispatch("message", message)
    await world.until(lambda: len(asked) == 2)
    world.analyzer.may_answer.set()
    await posting
    await world.env.settle()
    assert world.analyzer.read_pictures == [b"happy"]
    assert await world.turns_of(world.mina) == 1
    assert len(world.told) == 2


@pytest.mark.parametrize("picture", ["CAT", "NOTES"])
async def test_what_is_no_selfie_gets_no_words(world: World, picture: str) -> None:
    await world.agree(world.mina)
    posted = await world.mina.send(world.studio, attachments=[getattr(world, picture)])
    assert present(world.studio.last_message).id == posted.id
    reactions = [str(r.emoji) for r in present(world.studio.last_message).reactions]
    assert reactions == (["\N{DOTTED LINE FACE}"] if picture == "CAT" else [])
    assert await world.turns_of(world.mina) == 0


@pytest.mark.parametrize(
    ("picture", "error"), [("CROWD", "AmbiguousFaces"), ("BROKEN", "UnreadableImage")]
)
async def test_other_failures_are_told_in_a_note_that_goes_by_itself(
    world: World, picture: str, error: str
) -> None:
    await world.agree(world.mina)
    posted = await world.mina.send(world.studio, attachments=[getattr(world, picture)])
    assert present(world.studio.last_message).content == text(f"error.{error}", "en", count=3)
    await world.env.advance_time(31)
    assert present(world.studio.last_message).id == posted.id


async def test_of_several_pictures_the_first_with_a_face_is_the_turn(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(
        world.studio, attachments=[world.NOTES, world.CAT, world.SAD, world.HAPPY]
    )
    assert world.analyzer.read_pictures == [b"cat", b"sad"]
    assert await world.turns_of(world.mina) == 1


async def test_at_most_four_pictures_of_a_message_are_tried(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.CAT] * 4 + [world.HAPPY])
    assert world.analyzer.read_pictures == [b"cat"] * 4
    assert await world.turns_of(world.mina) == 0


async def test_a_picture_that_is_too_large_is_refused_before_it_is_fetched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    large = ("large.png", b"x" * (world.parts.settings.max_image_mb * 1_000_000 + 1))
    await world.mina.send(world.studio, attachments=[large])
    assert present(world.studio.last_message).content == text("error.ImageTooLarge", "en")
    assert world.fetched == []


async def test_nothing_is_read_in_a_channel_that_is_not_enabled(world: World) -> None:
    await world.agree(world.mina)
    posted = await world.mina.send(world.lobby, attachments=[world.HAPPY])
    assert world.fetched == []
    assert present(world.lobby.last_message).id == posted.id


async def test_bots_and_webhooks_are_not_read(world: World) -> None:
    robot = world.guild.add_member(world.env.create_user("robot", bot=True))
    await world.parts.consents.agree(f"discord:{robot.id}", version=NOTICE_VERSION)
    await robot.send(world.studio, "I love you", attachments=[world.HAPPY])
    webhook = world.guild.create_webhook(world.studio)
    await webhook.send("I love you", attachments=[world.HAPPY])
    assert world.fetched == []
    assert world.classifier.read_messages == []


async def test_pictures_in_memory_are_bounded_by_their_bytes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    monkeypatch.setattr("seollem.bot.posts.reader.MAX_HELD", len(b"happy") + len(b"sad") - 1)
    world.analyzer.may_answer.clear()
    posting = asyncio.create_task(world.mina.send(world.studio, attachments=[world.HAPPY]))
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    data = world.env.backend.store_attachments(world.studio.id, [world.SAD])
    world.env.backend.create_message(world.studio.id, world.mina.id, "", attachments=data)
    busy = text("error.Busy", "en")
    await world.until(lambda: busy in [m.content for m in world.studio.history()])
    world.analyzer.may_answer.set()
    await posting
    await world.mina.send(world.studio, attachments=[world.SAD])
    assert world.analyzer.read_pictures == [b"happy", b"sad"]


async def test_a_direct_selfie_is_answered_openly(world: World) -> None:
    await world.agree(world.mina)
    await world.write_directly(world.mina, "", world.HAPPY)
    answer = present(world.mina.user.dm_channel.last_message)
    assert "happiness" in world.words(answer)
    mood = await world.mina.user.slash("mood")
    assert present(mood.response).embeds[0].fields[1].value == "1"
    here = await world.mina.slash(world.studio, "mood")
    assert present(here.response).content == text(
        "mood.none", "en"
    )  # a server is another conversation


async def test_a_direct_picture_without_a_face_is_told_so(world: World) -> None:
    await world.agree(world.mina)
    await world.write_directly(world.mina, "", world.CAT)
    assert present(world.mina.user.dm_channel.last_message).content == text(
        "error.NoFaceFound", "en"
    )


async def test_an_unclear_expression_is_said_to_be_unclear(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAZY])
    shown = await world.mina.click(
        present(world.studio.last_message), label=text("button.reading", "en")
    )
    assert text("selfie.inconclusive", "en") in world.words(shown.followups[0])


async def test_where_the_bot_may_not_speak_the_turn_counts_all_the_same(world: World) -> None:
    await world.agree(world.mina)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    posted = await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert present(world.studio.last_message).id == posted.id
    assert await world.turns_of(world.mina) == 1


@pytest.mark.parametrize(
    "failure", [aiohttp.ClientConnectionError("no way"), TimeoutError(), ConnectionResetError()]
)
async def test_where_discord_cannot_be_reached_the_turn_counts_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    await world.agree(world.mina)

    async def fail(*_: Any, **__: Any) -> None:
        raise failure

    for method in ("reply", "add_reaction"):
        monkeypatch.setattr(discord.Message, method, fail)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    await world.mina.send(world.studio, attachments=[world.CAT])
    assert await world.turns_of(world.mina) == 1
    assert world.env.errors == []


async def test_a_picture_that_is_a_spoiler_is_left_out(world: World) -> None:
    await world.agree(world.mina)
    posted = await world.mina.send(world.studio, attachments=[HIDDEN])
    assert present(world.studio.last_message).id == posted.id
    assert present(world.studio.last_message).reactions == []
    sent = await world.write_directly(world.mina, "", HIDDEN)
    assert present(world.mina.user.dm_channel.last_message).id == sent.id
    await world.mina.send(world.studio, "I love this", attachments=[HIDDEN])
    assert world.fetched == []
    assert world.classifier.read_messages == ["I love this"]
    await world.mina.send(world.studio, attachments=[HIDDEN, world.SAD])
    assert world.analyzer.read_pictures == [b"sad"]
    assert await world.turns_of(world.mina) == 2


async def test_the_menu_reads_a_picture_that_is_a_spoiler(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[HIDDEN])
    scored = await world.mina.context_menu(world.studio, "Score this selfie", message)
    assert "happiness" in world.words(present(scored.response))
    assert await world.turns_of(world.mina) == 1


async def test_an_owner_can_share_a_reading_once_for_all_to_see(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    shown = await world.mina.click(
        present(world.studio.last_message), label=text("button.reading", "en")
    )
    private = shown.followups[0]
    await world.mina.click(private, label=text("button.share", "en"))
    public = world.studio.history(viewer=world.jun)[-1]
    assert public.embeds[0].title == text("selfie.title_shared", "en", name="mina")
    with pytest.raises(simcord.SetupError):
        await world.mina.click(private, label=text("button.share", "en"))


async def test_the_buttons_work_after_a_restart(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    note = present(world.studio.last_message)
    reborn = type(world.bot)(parts=world.parts, shard_count=1)
    await world.env.restart_bot(reborn)
    shown = await world.mina.click(note, label=text("button.reading", "en"))
    assert "86%" in world.words(shown.followups[0])


async def test_a_thread_counts_as_its_channel(world: World) -> None:
    await world.agree(world.mina)
    channel = world.bot.get_channel(world.studio.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="more", type=discord.ChannelType.public_thread)
    await world.mina.send(world.studio.threads[0], attachments=[world.HAPPY])
    assert await world.turns_of(world.mina) == 1
