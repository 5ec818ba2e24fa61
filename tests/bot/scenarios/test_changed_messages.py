"""Messages that are edited or deleted take their turns along."""

import asyncio
from typing import Any

import aiohttp
import discord
import pytest
from simcord.backend import serializers

from seollem.bot.cogs.privacy import Privacy
from seollem.bot.inference import Busy
from seollem.bot.posts.kept_turns import RETRY_AFTER
from seollem.bot.posts.reader import Reader
from seollem.bot.wording.locales import text
from seollem.db.errors import DatabaseBusy
from world import World, present


def reader_of(world: World) -> Reader:
    privacy = world.bot.get_cog("Seollem privacy")
    assert isinstance(privacy, Privacy)
    return privacy._reader


async def test_a_deleted_message_leaves_no_trace_in_the_mood(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    sad = await world.mina.send(world.studio, attachments=[world.SAD])
    with_both = present(world.moods()[-1].mood)
    await world.mina.delete(sad)
    without = world.moods()[-1]
    assert with_both.turns == 2
    first, now = present(world.moods()[0].mood), present(without.mood)
    assert now.turns == 1
    assert now.affection == pytest.approx(first.affection)
    assert (without.user_id, without.guild_id) == (world.mina.id, world.guild.id)


async def test_the_last_turn_deleted_leaves_no_mood(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY])
    await world.mina.delete(message)
    assert world.moods()[-1].mood is None
    mood = await world.mina.slash(world.studio, "mood")
    assert present(mood.response).content == text("mood.none", "en")


async def test_the_bots_note_goes_with_the_message(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY])
    await world.mina.delete(message)
    assert world.studio.last_message is None


async def test_bulk_deletion_removes_every_turn(world: World) -> None:
    await world.agree(world.mina, world.jun)
    mine = await world.mina.send(world.studio, attachments=[world.HAPPY])
    his = await world.jun.send(world.studio, attachments=[world.SAD])
    world.env.backend.bulk_delete_messages(world.studio.id, [mine.id, his.id])
    await world.env.settle()
    assert await world.turns_of(world.mina) == await world.turns_of(world.jun) == 0
    assert {event.user_id for event in world.moods() if event.mood is None} == {
        world.mina.id,
        world.jun.id,
    }


async def test_a_message_deleted_while_it_is_read_is_never_recorded(world: World) -> None:
    await world.agree(world.mina)
    world.analyzer.may_answer.clear()
    posting = asyncio.create_task(world.mina.send(world.studio, attachments=[world.HAPPY]))
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    world.env.backend.delete_message(world.studio.id, present(world.studio.last_message).id)
    await posting  # the bot has done with it, though the model has not
    world.analyzer.may_answer.set()
    await world.env.settle()
    assert await world.turns_of(world.mina) == 0
    assert world.told == []
    assert world.studio.last_message is None


async def test_a_picture_taken_out_of_a_message_takes_its_turn_out(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "me", attachments=[world.HAPPY])
    await edit(world, message, attachments=[])
    assert await world.turns_of(world.mina) == 0
    assert world.moods()[-1].mood is None


async def test_the_picture_that_is_left_takes_the_turns_place(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY, world.SAD])
    before = present(world.moods()[-1].mood)
    left = all_but_the_first(world, message)
    await edit(world, message, attachments=left)
    after = present(world.moods()[-1].mood)
    assert after.turns == before.turns == 1
    assert after.affection < 0 < before.affection


async def test_a_picture_without_a_face_left_over_takes_the_turn_out(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY, world.CAT])
    left = all_but_the_first(world, message)
    await edit(world, message, attachments=left)
    assert await world.turns_of(world.mina) == 0


async def test_new_words_below_a_selfie_are_read_with_it(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "me", attachments=[world.HAPPY])
    before = present(world.moods()[-1].mood)
    await world.mina.edit(message, "I hate this so much")
    after = present(world.moods()[-1].mood)
    assert (before.turns, after.turns) == (1, 1)
    assert after.affection < before.affection
    assert [turn.source for turn in await turns(world)] == ["both"]


async def test_a_picture_taken_out_from_above_words_leaves_the_words(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I hate this", attachments=[world.HAPPY])
    await edit(world, message, attachments=[])
    [turn] = await turns(world)
    assert turn.source == "message"
    assert turn.affection < 0


async def test_edited_words_are_read_again(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I hate this")
    await world.mina.edit(message, "I love this")
    [turn] = await turns(world)
    assert turn.affection > 0
    assert len(world.moods()) == 2


async def test_words_edited_down_to_nothing_take_their_turn_out(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I hate this")
    await world.mina.edit(message, "ok")
    assert await world.turns_of(world.mina) == 0
    assert world.moods()[-1].mood is None


async def test_an_edit_makes_no_turn_of_a_message_that_was_none(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "ok")
    await world.mina.edit(message, "ok, I love this")
    assert world.classifier.read_messages == []


async def test_a_link_that_discord_looked_up_is_no_edit(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I love this https://example.com")
    backend = world.env.backend
    stored = backend.get_message(world.studio.id, message.id)
    stored.embeds = [{"type": "link", "url": "https://example.com", "title": "Example"}]
    backend.emit("MESSAGE_UPDATE", dict(serializers.message_payload(backend, stored)))
    await world.env.settle()
    assert world.classifier.read_messages == ["I love this"]
    assert len(world.moods()) == 1


async def test_a_deleted_message_takes_its_words_along(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I love this")
    await world.mina.delete(message)
    assert await world.turns_of(world.mina) == 0
    assert world.moods()[-1].mood is None


async def test_words_deleted_while_they_are_read_are_never_recorded(world: World) -> None:
    await world.agree(world.mina)
    world.classifier.may_answer.clear()
    posting = asyncio.create_task(world.mina.send(world.studio, "I love this"))
    await asyncio.to_thread(world.classifier.is_reading.wait, 30)
    world.env.backend.delete_message(world.studio.id, present(world.studio.last_message).id)
    await posting
    world.classifier.may_answer.set()
    await world.env.settle()
    assert await world.turns_of(world.mina) == 0
    assert world.told == []


async def test_nothing_is_read_again_of_somebody_who_withdrew(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY, world.SAD])
    await world.parts.consents.withdraw(f"discord:{world.mina.id}")
    world.fetched.clear()
    told = list(world.told)
    left = all_but_the_first(world, message)
    await edit(world, message, attachments=left)
    assert world.fetched == []
    assert world.told == told
    await edit(world, message, attachments=[])  # taking back always works
    assert await world.turns_of(world.mina) == 0


async def test_a_passing_failure_during_an_edit_loses_no_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY, world.SAD])

    async def busy(*_: Any, **__: Any) -> None:
        raise Busy("many selfies are waiting")

    monkeypatch.setattr(world.parts.inference, "read_selfie", busy)
    left = all_but_the_first(world, message)
    await edit(world, message, attachments=left)
    assert await world.turns_of(world.mina) == 1


async def test_an_edit_does_not_have_an_old_message_read(world: World) -> None:
    message = await world.mina.send(world.studio, "me", attachments=[world.HAPPY])
    await world.agree(world.mina)
    await world.mina.edit(message, "me today")
    assert world.fetched == []
    assert await world.turns_of(world.mina) == 0


async def test_an_edit_is_not_read_where_posts_are_not(world: World) -> None:
    await world.agree(world.mina)
    posted = await world.mina.send(world.studio, "I hate this", attachments=[world.HAPPY])
    handed = await world.mina.send(world.lobby, "I hate this", attachments=[world.HAPPY])
    await world.mina.context_menu(world.lobby, "Score this selfie", handed)
    await world.parts.channels.disable(str(world.guild.id), str(world.studio.id))
    world.classifier.read_messages.clear()
    world.fetched.clear()
    for message in (posted, handed):
        await world.mina.edit(message, "I love this")
    assert (world.classifier.read_messages, world.fetched) == ([], [])
    assert await world.turns_of(world.mina) == 2
    await edit(world, posted, content="", attachments=[])  # taking back always works
    assert await world.turns_of(world.mina) == 1


async def test_of_two_edits_the_later_one_counts_though_the_earlier_is_read_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.SAD, world.HAPPY])
    fetch, is_asked, may_answer = world.bot.http.get_from_cdn, asyncio.Event(), asyncio.Event()

    async def slowly(url: str) -> bytes:
        is_asked.set()
        await may_answer.wait()
        return await fetch(url)

    monkeypatch.setattr(world.bot.http, "get_from_cdn", slowly)
    backend = world.env.backend
    left = all_but_the_first(world, message)
    backend.edit_message(world.studio.id, message.id, {"attachments": left})
    await is_asked.wait()
    words_alone = {"attachments": [], "content": "I hate this"}
    backend.edit_message(world.studio.id, message.id, words_alone)
    await world.until(lambda: len(world.moods()) == 2)
    may_answer.set()
    await world.env.settle()
    assert [turn.source for turn in await turns(world)] == ["message"]
    assert len(world.moods()) == 2


async def test_a_forgotten_reading_is_not_shown_by_its_button(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    note = present(world.studio.last_message)
    await world.mina.slash(world.studio, "forget")
    shown = await world.mina.click(note, label=text("button.reading", "en"))
    assert shown.followups[0].content == text("error.TurnGone", "en")


async def test_a_message_deleted_before_the_channel_is_known_is_never_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    asking = Held(monkeypatch, world.parts.channels, "is_enabled")
    forgetting = Watched(monkeypatch, world.parts.engine, "forget_message")
    message = post(world, "I love this", world.HAPPY)
    await asking.has_begun.wait()
    world.env.backend.delete_message(world.studio.id, message.id)
    await forgetting.is_done.wait()
    asking.may_go_on.set()
    await world.env.settle()
    assert (world.classifier.read_messages, world.fetched) == ([], [])
    assert await world.turns_of(world.mina) == 0
    assert world.told == []
    assert world.studio.last_message is None


async def test_a_message_deleted_before_the_menu_reads_it_is_never_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.lobby, attachments=[world.HAPPY])
    asking = Held(monkeypatch, world.parts.consents, "has_agreed")
    forgetting = Watched(monkeypatch, world.parts.engine, "forget_message")
    choosing = asyncio.create_task(
        world.mina.context_menu(world.lobby, "Score this selfie", message)
    )
    await asking.has_begun.wait()
    world.env.backend.delete_message(world.lobby.id, message.id)
    await forgetting.is_done.wait()
    asking.may_go_on.set()
    scored = await choosing
    assert present(scored.response).content == text("error.TurnGone", "en")
    assert await world.turns_of(world.mina) == 0


async def test_of_edits_before_the_channel_is_known_the_last_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    asking = Held(monkeypatch, world.parts.channels, "is_enabled")
    looking = Watched(monkeypatch, world.parts.engine, "recorded")
    message = post(world, "I hate this", world.SAD)
    await asking.has_begun.wait()
    for words in ("I hate it", "I love this"):
        looking.is_done.clear()
        world.env.backend.edit_message(world.studio.id, message.id, {"content": words})
        await looking.is_done.wait()
    asking.may_go_on.set()
    await world.env.settle()
    assert world.classifier.read_messages == ["I love this"]
    assert [turn.source for turn in await turns(world)] == ["both"]


async def test_words_edited_down_to_nothing_before_they_are_read_become_no_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    asking = Held(monkeypatch, world.parts.channels, "is_enabled")
    looking = Watched(monkeypatch, world.parts.engine, "recorded")
    message = post(world, "I hate this")
    await asking.has_begun.wait()
    world.env.backend.edit_message(world.studio.id, message.id, {"content": "ok"})
    await looking.is_done.wait()
    asking.may_go_on.set()
    await world.env.settle()
    assert world.classifier.read_messages == []
    assert await world.turns_of(world.mina) == 0


async def test_an_edit_while_the_words_are_read_has_the_new_words_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    looking = Watched(monkeypatch, world.parts.engine, "recorded")
    world.classifier.may_answer.clear()
    message = post(world, "I hate this")
    await asyncio.to_thread(world.classifier.is_reading.wait, 30)
    world.env.backend.edit_message(world.studio.id, message.id, {"content": "I love this"})
    await looking.is_done.wait()
    world.classifier.may_answer.set()
    await world.env.settle()
    [turn] = await turns(world)
    assert turn.affection > 0
    assert len(world.told) == 2  # the turn and the mood, once


async def test_an_edit_while_the_menu_reads_has_the_new_words_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await world.mina.send(world.studio, "I hate this", attachments=[world.HAPPY])
    await world.agree(world.mina)
    looking = Watched(monkeypatch, world.parts.engine, "recorded")
    world.analyzer.may_answer.clear()
    choosing = asyncio.create_task(
        world.mina.context_menu(world.studio, "Score this selfie", message)
    )
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    world.env.backend.edit_message(world.studio.id, message.id, {"content": "I love this"})
    await looking.is_done.wait()
    world.analyzer.may_answer.set()
    await choosing
    await world.env.settle()
    assert world.classifier.read_messages == ["I love this"]
    assert await world.turns_of(world.mina) == 1


async def test_an_edit_during_the_commit_has_the_new_words_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    committing = Watched(monkeypatch, world.parts.engine, "record_turn", returns=False)
    message = post(world, "I hate this")
    await committing.is_done.wait()
    monkeypatch.undo()
    world.env.backend.edit_message(world.studio.id, message.id, {"content": "I love this"})
    await world.env.settle()
    [turn] = await turns(world)
    assert turn.affection > 0


@pytest.mark.parametrize(
    "failure", [aiohttp.ClientConnectionError("no way"), TimeoutError(), ConnectionResetError()]
)
async def test_a_note_that_cannot_be_taken_back_keeps_no_turn(
    world: World, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY])

    async def fail(_: Any) -> None:
        raise failure

    monkeypatch.setattr(discord.PartialMessage, "delete", fail)
    await world.mina.delete(message)
    assert await world.turns_of(world.mina) == 0
    assert world.env.errors == []


async def test_turns_are_forgotten_however_long_the_notes_take_to_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    messages = [await world.mina.send(world.studio, attachments=[world.HAPPY]) for _ in range(2)]
    taking_back = Held(monkeypatch, discord.PartialMessage, "delete")
    world.env.backend.bulk_delete_messages(world.studio.id, [message.id for message in messages])
    await taking_back.has_begun.wait()
    assert await world.turns_of(world.mina) == 0
    taking_back.may_go_on.set()
    await world.env.settle()
    assert world.studio.last_message is None


async def test_of_a_bulk_deletion_one_failure_does_not_keep_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.agree(world.mina)
    messages = [await world.mina.send(world.studio, attachments=[world.HAPPY]) for _ in range(3)]
    forget, asked = world.parts.engine.forget_message, []

    async def fail_once(message_id: str) -> Any:
        asked.append(message_id)
        if len(asked) == 1:
            raise DatabaseBusy("another program holds it")
        return await forget(message_id)

    monkeypatch.setattr(world.parts.engine, "forget_message", fail_once)
    world.env.backend.bulk_delete_messages(world.studio.id, [message.id for message in messages])
    await world.env.settle()
    assert [turn.message_id for turn in await turns(world)] == asked[:1]
    assert world.studio.last_message is None
    assert f"deleted message {asked[0]} is not forgotten yet" in caplog.text
    assert world.env.errors == []


async def test_what_a_lost_database_did_not_forget_is_forgotten_when_it_is_back(
    world: World,
) -> None:
    await world.agree(world.mina)
    messages = [await world.mina.send(world.studio, attachments=[world.HAPPY]) for _ in range(3)]
    with world.read_only():
        for message in messages:
            await world.mina.delete(message)
        await world.env.advance_time(RETRY_AFTER)
        assert await world.turns_of(world.mina) == 3
    await world.env.advance_time(RETRY_AFTER)
    assert await world.turns_of(world.mina) == 0
    assert world.env.errors == []


async def test_what_is_left_to_forget_is_tried_once_more_when_the_bot_closes(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I love this")
    with world.read_only():
        await world.mina.delete(message)
    await world.bot.remove_cog("Seollem posts")
    assert await world.turns_of(world.mina) == 0


@pytest.mark.parametrize("is_direct", [True, False])
async def test_a_message_deleted_while_it_is_answered_leaves_no_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, is_direct: bool
) -> None:
    await world.agree(world.mina)
    channel = world.mina.user.dm_channel if is_direct else world.studio
    answering = Watched(monkeypatch, discord.Message, "reply", returns=False)
    following = Watched(monkeypatch, world.parts.engine, "forget_message")
    pictures = world.env.backend.store_attachments(channel.id, [world.HAPPY])
    message = world.env.backend.create_message(channel.id, world.mina.id, "", attachments=pictures)
    await answering.is_done.wait()
    world.env.backend.delete_message(channel.id, message.id)
    await following.is_done.wait()
    answering.may_return.set()
    await world.env.settle()
    assert await world.turns_of(world.mina) == 0
    assert channel.last_message is None


@pytest.mark.parametrize("action", ["withdraw", "delete"])
async def test_an_edit_is_not_read_any_more_after_a_withdrawal_or_a_deletion(
    world: World, action: str
) -> None:
    await world.agree(world.mina, world.jun)
    message = await world.mina.send(world.studio, "I hate this")
    shown = await world.mina.slash(world.lobby, "privacy")
    world.classifier.may_answer.clear()
    world.classifier.is_reading.clear()
    backend = world.env.backend
    backend.create_message(world.studio.id, world.jun.id, "I love everything")
    await asyncio.to_thread(world.classifier.is_reading.wait, 30)
    backend.edit_message(world.studio.id, message.id, {"content": "a secret that I love"})
    reader = reader_of(world)
    await world.until(lambda: len(reader._owners) == 2)
    if action == "withdraw":
        button = text("button.withdraw", "en")
        pressing = [asyncio.create_task(world.mina.click(present(shown.response), label=button))]
    else:
        pressing = []
        backend.delete_message(world.studio.id, message.id)
    await world.until(lambda: len(reader._owners) == 1)
    world.classifier.may_answer.set()
    await asyncio.gather(*pressing)
    await world.env.settle()
    assert world.classifier.read_messages[-1] == "I love everything"
    assert await world.turns_of(world.mina) == (1 if action == "withdraw" else 0)


async def test_forget_stops_a_message_of_ones_own_that_is_being_read(world: World) -> None:
    await world.agree(world.mina)
    world.classifier.may_answer.clear()
    message = post(world, "I love this")
    await asyncio.to_thread(world.classifier.is_reading.wait, 30)
    reader = reader_of(world)
    await reader.call_off(key=message.id, user_id=world.jun.id)
    assert reader.is_reading(message.id)
    command = world.mina.slash(world.lobby, "forget", message=str(message.id))
    asking = asyncio.create_task(command)
    await world.until(lambda: not reader.is_reading(message.id))
    world.classifier.may_answer.set()
    assert present((await asking).response).content == text("forget.none_message", "en")
    assert await world.turns_of(world.mina) == 0


async def test_an_answer_follows_its_edited_message(world: World) -> None:
    await world.agree(world.mina)
    message = await world.write_directly(world.mina, "I love this")
    direct = world.mina.user.dm_channel
    answer = present(direct.last_message)
    assert "fondness" in answer.content
    world.env.backend.edit_message(direct.id, message.id, {"content": "I hate this"})
    await world.env.settle()
    assert present(direct.last_message).id == answer.id
    assert "anger" in present(direct.last_message).content

    posted = await world.mina.send(world.studio, attachments=[world.HAPPY, world.HAZY])
    note = present(world.studio.last_message)
    await edit(world, posted, attachments=all_but_the_first(world, posted))
    assert present(world.studio.last_message).id == note.id
    shown = await world.mina.click(
        present(world.studio.last_message), label=text("button.reading", "en")
    )
    assert text("selfie.inconclusive", "en") in world.words(shown.followups[0])
    await edit(world, posted, attachments=[], content="I love this")
    assert present(world.studio.last_message).id == posted.id


async def test_a_lost_database_is_logged_for_edits_and_deletions(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I hate this")

    async def fail(*_: Any, **__: Any) -> None:
        raise DatabaseBusy("another program holds it")

    for method in ("recorded", "forget_message"):
        monkeypatch.setattr(world.parts.engine, method, fail)
    await world.mina.edit(message, "I love this")
    assert f"an edit of message {message.id} was not read" in caplog.text
    await world.mina.delete(message)
    assert f"deleted message {message.id} is not forgotten yet" in caplog.text
    assert world.env.errors == []


async def test_a_picture_that_is_hidden_by_an_edit_takes_its_turn_out(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY])
    [picture] = world.env.backend.get_message(world.studio.id, message.id).attachments
    await edit(world, message, attachments=[picture | {"filename": "SPOILER_happy.png"}])
    assert await world.turns_of(world.mina) == 0
    assert len(world.fetched) == 1


async def test_an_edit_in_a_server_that_is_not_cached_is_not_read(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I hate this")
    world.bot._connection._guilds.pop(world.guild.id)
    world.classifier.read_messages.clear()
    await edit(world, message, content="I love this")
    assert world.classifier.read_messages == []
    assert await world.turns_of(world.mina) == 1
    await edit(world, message, content="ok")  # taking back always works
    assert await world.turns_of(world.mina) == 0


class Held:
    """A method that waits before it does its work, until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.has_begun, self.may_go_on = asyncio.Event(), asyncio.Event()
        work = getattr(owner, name)

        async def held(*args: Any, **kwargs: Any) -> Any:
            self.has_begun.set()
            await self.may_go_on.wait()
            return await work(*args, **kwargs)

        monkeypatch.setattr(owner, name, held)


class Watched:
    """A method that tells when it has done its work, and then may have to wait to return."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, returns: bool = True
    ) -> None:
        self.is_done, self.may_return = asyncio.Event(), asyncio.Event()
        if returns:
            self.may_return.set()
        work = getattr(owner, name)

        async def watched(*args: Any, **kwargs: Any) -> Any:
            answer = await work(*args, **kwargs)
            self.is_done.set()
            await self.may_return.wait()
            return answer

        monkeypatch.setattr(owner, name, watched)


def post(world: World, words: str, *pictures: tuple[str, bytes]) -> Any:
    """What Mina posts in the studio, without waiting for what the bot does with it."""
    backend = world.env.backend
    attachments = backend.store_attachments(world.studio.id, list(pictures))
    return backend.create_message(world.studio.id, world.mina.id, words, attachments=attachments)


async def edit(world: World, message: Any, **fields: Any) -> None:
    """What happens when somebody edits a message in more than its words."""
    world.env.backend.edit_message(world.studio.id, message.id, fields)
    await world.env.settle()


def all_but_the_first(world: World, message: Any) -> Any:
    """The pictures that are left of a message in the studio when its first is taken out."""
    return world.env.backend.get_message(world.studio.id, message.id).attachments[1:]


async def turns(world: World) -> Any:
    """Mina's turns in the server."""
    return await world.parts.engine.history(
        user=f"discord:{world.mina.id}", place=f"guild:{world.guild.id}"
    )
