"""A slow model, a long queue, a lost database, our own mistakes: always an answer, soon."""

import asyncio
import time

import pytest

from seollem.bot.wording.locales import text
from seollem.vision.errors import BrokenWeights
from world import World, present


async def test_a_slow_model_still_acknowledges_at_once(world: World) -> None:
    await world.agree(world.mina)
    world.analyzer.may_answer.clear()
    since = len(world.env.http_requests)
    began = time.monotonic()
    asking = asyncio.create_task(world.mina.slash(world.lobby, "selfie", image=world.HAPPY))
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    acknowledged = [r for r in world.env.http_requests[since:] if r.path.endswith("/callback")]
    assert time.monotonic() - began < 3.0
    assert [present(r.json)["type"] for r in acknowledged] == [5]  # "thinking…"
    assert not asking.done()
    world.analyzer.may_answer.set()
    read = await asking
    assert "happiness" in world.words(present(read.response))


async def test_commands_are_answered_while_a_selfie_is_read(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    world.analyzer.is_reading.clear()
    world.analyzer.may_answer.clear()
    reading = asyncio.create_task(
        world.parts.inference.read_selfie(b"sad", user="discord:somebody")
    )
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    mood = await world.mina.slash(world.lobby, "mood")
    assert present(mood.response).embeds
    assert not reading.done()
    world.analyzer.may_answer.set()
    await reading


async def test_a_full_queue_is_told_as_busy(world: World) -> None:
    await world.agree(world.mina)
    world.analyzer.may_answer.clear()
    inference = world.parts.inference
    waiting = [asyncio.create_task(inference.read_selfie(b"happy", user="first"))]
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    waiting += [
        asyncio.create_task(inference.read_selfie(b"happy", user=user)) for user in ("a", "b")
    ]
    await asyncio.sleep(0)
    read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    assert present(read.response).content == text("error.Busy", "en")
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert present(world.studio.last_message).content == text("error.Busy", "en")
    world.analyzer.may_answer.set()
    await asyncio.gather(*waiting)


async def test_a_bug_of_ours_is_told_politely_and_logged_under_a_number(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.agree(world.mina)
    read = await world.mina.slash(world.lobby, "selfie", image=world.BUG)
    [record] = [r for r in caplog.records if r.name == "seollem.bot.wording.failures"]
    incident = record.getMessage().removeprefix("incident ")
    assert read.ephemeral
    assert present(read.response).content == text("error.unexpected", "en", incident=incident)
    assert world.env.errors == []  # nothing reaches a host bot's own handlers


async def test_a_lost_database_is_told_and_the_bot_lives_on(world: World) -> None:
    await world.agree(world.mina)
    with world.read_only():
        read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
        assert present(read.response).content == text("error.DatabaseError", "en")
        await world.mina.send(world.studio, attachments=[world.HAPPY])
        assert present(world.studio.last_message).content == text("error.DatabaseError", "en")
    read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    assert "happiness" in world.words(present(read.response))
    assert await world.turns_of(world.mina) == 1


async def test_a_picture_that_discord_does_not_hand_over_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    monkeypatch.setattr(world.env.backend.cdn, "get", lambda url: None)
    read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    assert present(read.response).content == text("error.PictureUnavailable", "en")


async def test_the_agreement_is_asked_for_again_before_a_turn_is_recorded(world: World) -> None:
    """Another process may take the withdrawal while this one reads."""
    await world.agree(world.mina)
    world.analyzer.may_answer.clear()
    asking = asyncio.create_task(world.mina.slash(world.lobby, "selfie", image=world.HAPPY))
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    await world.parts.consents.withdraw(f"discord:{world.mina.id}")
    world.analyzer.may_answer.set()
    read = await asking
    assert present(read.response).content == text("error.TurnGone", "en")
    assert await world.turns_of(world.mina) == 0


async def test_a_broken_reader_of_words_leaves_the_face_of_a_selfie_with_words(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.agree(world.mina)
    world.classifier.broken = BrokenWeights("text weights are gone")
    await world.mina.send(world.studio, "I love this", attachments=[world.HAPPY])
    note = present(world.studio.last_message)
    assert note.content.startswith(text("selfie.read", "en"))
    assert text("selfie.alone", "en") in note.content
    assert world.labels(note) == [text("button.reading", "en")]
    assert "text weights are gone" in caplog.text
    menu = await world.mina.send(world.lobby, "I love this", attachments=[world.HAPPY])
    scored = await world.mina.context_menu(world.lobby, "Score this selfie", menu)
    assert text("selfie.alone", "en") in world.words(present(scored.response))
    assert await world.turns_of(world.mina) == 2
    await world.mina.edit(menu, "I hate this")  # the old reading stays, its face included
    assert await world.turns_of(world.mina) == 2


async def test_a_broken_reader_of_faces_leaves_the_words_and_it_is_said(world: World) -> None:
    await world.agree(world.mina)
    world.analyzer.broken = BrokenWeights("the weights are gone")
    posted = await world.mina.send(world.studio, "I love this", attachments=[world.HAPPY])
    assert text("message.alone", "en") in present(world.studio.last_message).content
    await world.env.advance_time(31)
    assert present(world.studio.last_message).id == posted.id
    await world.write_directly(world.mina, "I love this", world.HAPPY)
    answer = present(world.mina.user.dm_channel.last_message).content
    assert "fondness" in answer
    assert text("message.alone", "en") in answer
    assert await world.turns_of(world.mina) == 2
