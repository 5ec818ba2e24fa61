"""What people write in an enabled channel or directly: scored without a sound, never kept."""

import asyncio
from typing import Any

import pytest

from seollem.bot.cogs.posts import Posts
from seollem.bot.events import AffectionTurn, MoodChange
from seollem.bot.wording.locales import text
from seollem.db.errors import UnreachableDatabase
from world import World, present


async def history(world: World, person: Any = None, place: str | None = None) -> Any:
    return await world.parts.engine.history(
        user=f"discord:{(person or world.mina).id}", place=place or f"guild:{world.guild.id}"
    )


async def test_a_message_becomes_a_turn_without_a_sound(world: World) -> None:
    await world.agree(world.mina)
    posted = await world.mina.send(world.studio, "I love you all")
    assert present(world.studio.last_message).id == posted.id
    assert present(world.studio.last_message).reactions == []
    [turn] = await history(world)
    assert (turn.source, turn.message_id, turn.model) == (
        "message",
        str(posted.id),
        "text-stand-in-1",
    )
    assert turn.affection > 0


async def test_its_author_sees_it_in_mood_history_and_why(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, "I hate this")
    mood = await world.mina.slash(world.studio, "mood")
    assert present(mood.response).embeds[0].fields[1].value == "1"
    assert "anger" in world.words(present(mood.response))
    listed = await world.mina.slash(world.studio, "history")
    assert "💬" in present(present(listed.response).embeds[0].description)
    why = await world.mina.slash(world.studio, "why")
    assert why.ephemeral
    assert "anger" in present(present(why.response).embeds[0].description)
    assert text("why.rest", "en") in present(present(why.response).embeds[0].description)


async def test_host_bots_are_told_of_the_turn_and_the_mood(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, "I love you all")
    turn, mood = world.told
    assert isinstance(turn, AffectionTurn)
    assert (turn.user_id, turn.channel_id) == (world.mina.id, world.studio.id)
    assert isinstance(mood, MoodChange)
    assert present(mood.mood).turns == 1


async def test_only_people_s_own_words_are_shown_to_the_model(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, f"> I hate you\n<@{world.jun.id}> I love you https://a.b")
    assert world.classifier.read_messages == ["I love you"]


@pytest.mark.parametrize(
    "message", ["ㅇㅇ", "ok", "lol", "!play love", "https://love.example", "`love`", "> I love you"]
)
async def test_what_is_no_turn_is_shown_to_no_model(world: World, message: str) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, message)
    assert world.classifier.read_messages == []
    assert await world.turns_of(world.mina) == 0


async def test_words_are_never_kept(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.agree(world.mina)
    caplog.set_level("DEBUG", logger="bot")
    await world.mina.send(world.studio, "I love swordfish")
    await world.mina.send(world.studio, "swordfish is a bug")
    assert await world.turns_of(world.mina) == 1
    for path in world.database.parent.iterdir():
        if path.is_file():
            assert b"swordfish" not in path.read_bytes()
    assert "swordfish" not in "".join(record.getMessage() for record in caplog.records)


async def test_nothing_is_read_in_a_channel_that_is_not_enabled(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.lobby, "I love you all")
    assert world.classifier.read_messages == []


async def test_the_same_message_delivered_twice_counts_once(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I love you all")
    world.bot.dispatch("message", message)
    await world.env.settle()
    assert await world.turns_of(world.mina) == 1
    assert len(world.told) == 2


async def test_two_people_have_moods_of_their_own(world: World) -> None:
    await world.agree(world.mina, world.jun)
    await world.mina.send(world.studio, "정말 사랑해")
    await world.jun.send(world.studio, "정말 싫어")
    [mine], [his] = await history(world), await history(world, world.jun)
    assert mine.affection > 0 > his.affection


async def test_a_picture_with_words_is_one_turn_with_both(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, "I love this day", attachments=[world.HAPPY])
    [turn] = await history(world)
    assert (turn.source, turn.model) == ("both", "stand-in-1 + text-stand-in-1")
    assert {"happiness", "아껴주는"} <= set(turn.emotions)
    note = present(world.studio.last_message)
    assert note.content == text("selfie.read", "en")
    shown = await world.mina.click(note, label=text("button.reading", "en"))
    said = world.words(shown.followups[0])
    assert text("both.title", "en") in said
    assert "📷 happiness" in said
    assert "💬 fondness" in said


async def test_a_picture_with_a_word_too_short_is_a_selfie(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, "ㅋㅋ", attachments=[world.HAPPY])
    assert [turn.source for turn in await history(world)] == ["selfie"]


@pytest.mark.parametrize("picture", ["CAT", "CROWD", "BROKEN"])
async def test_a_picture_that_gives_no_face_leaves_the_words(world: World, picture: str) -> None:
    await world.agree(world.mina)
    posted = await world.mina.send(
        world.studio, "I love this", attachments=[getattr(world, picture)]
    )
    assert [turn.source for turn in await history(world)] == ["message"]
    assert present(world.studio.last_message).id == posted.id  # nobody asked what is wrong with it
    assert present(world.studio.last_message).reactions == []


async def test_the_menu_reads_the_words_with_the_picture(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.lobby, "I love this", attachments=[world.HAPPY])
    scored = await world.mina.context_menu(world.lobby, "Score this selfie", message)
    assert present(scored.response).embeds[0].title == text("both.title", "en")
    faceless = await world.mina.send(world.lobby, "I love this", attachments=[world.CAT])
    scored = await world.mina.context_menu(world.lobby, "Score this selfie", faceless)
    said = world.words(present(scored.response))
    assert text("message.title", "en") in said
    assert text("error.NoFaceFound", "en") in said


async def test_a_direct_message_is_answered_in_one_line(world: World) -> None:
    await world.agree(world.mina)
    await world.write_directly(world.mina, "I love talking to you")
    answer = present(world.mina.user.dm_channel.last_message)
    assert "fondness" in answer.content
    assert "\n" not in answer.content
    assert answer.mentions == []
    [turn] = await history(world, place="dm")
    assert f"**{turn.percent:.0f}**" in answer.content


async def test_a_direct_message_without_a_feeling_is_told_so(world: World) -> None:
    await world.agree(world.mina)
    await world.write_directly(world.mina, "the meeting is at three")
    assert text("message.nothing", "en") in present(world.mina.user.dm_channel.last_message).content
    assert len(await history(world, place="dm")) == 1


async def test_a_direct_picture_without_a_face_is_told_so_below_its_words(world: World) -> None:
    await world.agree(world.mina)
    await world.write_directly(world.mina, "I love this", world.CAT)
    answer = present(world.mina.user.dm_channel.last_message).content
    assert "fondness" in answer
    assert text("error.NoFaceFound", "en") in answer


async def test_a_direct_word_that_is_no_turn_gets_no_answer(world: World) -> None:
    await world.agree(world.mina)
    sent = await world.write_directly(world.mina, "ok")
    assert present(world.mina.user.dm_channel.last_message).id == sent.id


async def test_what_goes_wrong_with_words_makes_no_noise_in_a_channel(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.agree(world.mina)
    posted = await world.mina.send(world.studio, "this is a bug")
    assert present(world.studio.last_message).id == posted.id
    assert "incident" in caplog.text
    await world.write_directly(world.mina, "this is a bug")
    assert "number" in present(world.mina.user.dm_channel.last_message).content


async def test_a_flood_of_one_person_does_not_keep_another_waiting(world: World) -> None:
    await world.agree(world.mina, world.jun)
    world.classifier.may_answer.clear()
    backend = world.env.backend
    backend.create_message(world.studio.id, world.mina.id, "I love one")
    await asyncio.to_thread(world.classifier.is_reading.wait, 30)
    for words in ("two", "three", "four"):
        backend.create_message(world.studio.id, world.mina.id, f"I love {words}")
    backend.create_message(world.studio.id, world.jun.id, "I love him")
    posts_cog = world.bot.get_cog("Seollem posts")
    assert isinstance(posts_cog, Posts)
    arriving = posts_cog._arriving

    def two_are_refused() -> bool:
        posts = [message.content for message in arriving.values()]
        return "I love him" in posts and len(posts) == 3  # the last to come, so all have come

    await world.until(two_are_refused)
    world.classifier.may_answer.set()
    await world.env.settle()
    assert await world.turns_of(world.jun) == 1
    assert len(world.classifier.read_messages) == 3  # one, two, him: the queue holds two


async def test_the_reader_of_messages_is_loaded_at_the_first_one(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert world.classifier.loads == 0
    for _ in range(2):
        await world.mina.send(world.studio, "I love you all")
    assert world.classifier.loads == 1


async def test_before_the_first_turn_there_is_no_why(world: World) -> None:
    why = await world.mina.slash(world.lobby, "why")
    assert why.ephemeral
    assert present(why.response).content == text("mood.none", "en")


@pytest.mark.usefixtures("in_korean")
async def test_koreans_are_told_why_in_korean(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, "정말 사랑해", attachments=[world.HAPPY])
    why = await world.mina.slash(world.studio, "why")
    said = world.words(present(why.response))
    assert "📷 행복" in said
    assert "💬 아껴주는" in said
    assert text("why.note", "ko") in said


async def test_a_lost_database_is_told_directly_and_logged_for_a_channel(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.agree(world.mina)

    async def fail(*_: Any, **__: Any) -> None:
        raise UnreachableDatabase("the server is away")

    monkeypatch.setattr(world.parts.consents, "has_agreed", fail)
    for words, pictures in (("I love you", ()), ("", (world.HAPPY,))):
        await world.write_directly(world.mina, words, *pictures)
        answer = present(world.mina.user.dm_channel.last_message)
        assert answer.content == text("error.DatabaseError", "en")
    posted = await world.mina.send(world.studio, "I love you", attachments=[world.HAPPY])
    assert present(world.studio.last_message).id == posted.id
    assert present(world.studio.last_message).reactions == []
    assert f"message {posted.id} was not read: the server is away" in caplog.text
    assert world.env.errors == []


async def test_a_message_from_a_server_that_is_not_cached_is_not_a_direct_one(world: World) -> None:
    await world.agree(world.mina)
    world.bot._connection._guilds.pop(world.guild.id)
    backend = world.env.backend
    for person in (world.mina, world.jun):  # jun, who has not agreed, gets no notice either
        picture = backend.store_attachments(world.lobby.id, [world.HAPPY])
        sent = backend.create_message(world.lobby.id, person.id, "I love you", attachments=picture)
        await world.env.settle()
        assert present(world.lobby.last_message).id == sent.id
    assert (world.classifier.read_messages, world.fetched) == ([], [])
    assert await world.turns_of(world.mina) == 0
