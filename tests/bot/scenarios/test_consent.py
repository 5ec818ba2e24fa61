"""Nothing is read, fetched or kept before a person agreed, and what they agreed to is theirs."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.bot.buttons.lasting import row_of
from seollem.bot.buttons.privacy import PrivacyButton
from seollem.bot.wording.consent import NOTICE_KEYS, NOTICE_VERSION
from seollem.bot.wording.locales import text
from seollem.db.consents import Consents
from seollem.db.engine import create_engine
from seollem.db.histories import Histories, History
from seollem.db.people import People
from world import World, present

AGREE, DECLINE = f"seollem:privacy:agree:{NOTICE_VERSION}", "seollem:privacy:decline"


async def test_without_agreement_a_posted_selfie_is_neither_fetched_nor_kept_nor_answered(
    world: World,
) -> None:
    posted = await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert world.fetched == []
    assert world.rows() == 0
    assert present(world.studio.last_message).id == posted.id
    assert present(world.studio.last_message).reactions == []


async def test_selfie_without_agreement_shows_the_notice_and_fetches_nothing(world: World) -> None:
    asked = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    assert asked.ephemeral
    said = world.words(present(asked.response))
    assert text("consent.needed", "en") in said
    assert all(text(key, "en") in said for key in NOTICE_KEYS)
    assert world.labels(present(asked.response)) == [
        text("button.agree", "en"),
        text("button.decline", "en"),
    ]
    assert world.fetched == []
    assert world.rows() == 0


async def test_who_declines_is_kept_nowhere_and_asked_no_more(world: World) -> None:
    asked = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    await world.mina.click(present(asked.response), custom_id=DECLINE)
    assert present(asked.response).content == text("consent.declined", "en")
    assert world.labels(present(asked.response)) == []
    posted = await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert present(world.studio.last_message).id == posted.id
    assert world.fetched == []
    assert world.rows() == 0


@pytest.mark.parametrize("version", [None, 1])
async def test_who_agrees_below_an_older_notice_is_shown_the_new_one(
    world: World, version: int | None
) -> None:
    old = row_of(PrivacyButton(locale="en", action="agree", version=version))
    mina = await world.bot.fetch_user(world.mina.id)
    note = await mina.send("what was read in those days", view=old)
    shown = await world.mina.user.click(note, label=text("button.agree", "en"))
    assert text("consent.changed", "en") in world.words(shown.followups[0])
    assert world.rows() == 0
    await world.mina.user.click(shown.followups[0], custom_id=AGREE)
    assert world.rows() == 1


async def test_who_agrees_is_read_from_then_on(world: World) -> None:
    asked = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    await world.mina.click(present(asked.response), custom_id=AGREE)
    assert present(asked.response).content == text("consent.agreed", "en")
    read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    assert "happiness" in world.words(present(read.response))
    assert await world.turns_of(world.mina) == 1


async def test_the_notice_can_be_answered_after_a_restart(world: World) -> None:
    asked = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    await world.env.restart_bot(type(world.bot)(parts=world.parts, shard_count=1))
    await world.mina.click(present(asked.response), custom_id=AGREE)
    assert await world.parts.consents.has_agreed(f"discord:{world.mina.id}", version=NOTICE_VERSION)


async def test_an_agreement_to_an_older_notice_does_not_count(world: World) -> None:
    await world.parts.consents.agree(f"discord:{world.mina.id}", version=1)  # selfies only
    posted = await world.mina.send(world.studio, "I love you", attachments=[world.HAPPY])
    assert world.fetched == []
    assert world.classifier.read_messages == []
    assert present(world.studio.last_message).id == posted.id
    assert await world.turns_of(world.mina) == 0


async def test_who_agreed_to_an_older_notice_learns_of_the_new_one_from_the_mood(
    world: World,
) -> None:
    await world.parts.consents.agree(f"discord:{world.mina.id}", version=1)
    mood = await world.mina.slash(world.lobby, "mood")
    assert present(mood.response).content == text("mood.none", "en")
    [notice] = mood.followups
    assert notice.ephemeral
    assert text("consent.changed", "en") in world.words(notice)
    await world.mina.click(notice, custom_id=AGREE)
    again = await world.mina.slash(world.lobby, "mood")
    assert again.followups == []


async def test_words_sent_directly_without_agreement_are_answered_with_the_notice_once(
    world: World,
) -> None:
    dm = world.mina.user.dm_channel
    for words in ("I love you", "I really do"):
        await world.write_directly(world.mina, words)
    [notice] = [m for m in dm.history() if m.author.bot]
    assert text("consent.needed", "en") in world.words(notice)
    assert world.classifier.read_messages == []
    assert world.rows() == 0


async def test_without_agreement_posted_words_are_neither_read_nor_kept_nor_answered(
    world: World,
) -> None:
    posted = await world.mina.send(world.studio, "I love you")
    assert world.classifier.read_messages == []
    assert world.rows() == 0
    assert present(world.studio.last_message).id == posted.id


async def test_a_direct_picture_without_agreement_is_answered_with_the_notice_once(
    world: World,
) -> None:
    dm = world.mina.user.dm_channel
    for _ in range(2):
        attachments = world.env.backend.store_attachments(dm.id, [world.HAPPY])
        await world.mina.user.send_dm("", attachments=attachments)
    notices = [m for m in dm.history() if m.author.bot]
    assert len(notices) == 1
    assert text("consent.needed", "en") in world.words(notices[0])
    await world.mina.user.click(notices[0], custom_id=DECLINE)
    assert dm.history()[1].content == text("consent.declined", "en")
    assert world.fetched == []
    assert world.rows() == 0


async def test_the_note_in_an_enabled_channel_shows_the_notice_to_whoever_asks(
    world: World,
) -> None:
    await world.admin.slash(world.lobby, "seollem enable")
    shown = await world.jun.click(
        present(world.lobby.last_message), label=text("button.notice", "en")
    )
    [notice] = shown.followups
    assert notice.ephemeral
    await world.jun.click(notice, custom_id=AGREE)
    assert await world.parts.consents.has_agreed(f"discord:{world.jun.id}", version=NOTICE_VERSION)
    assert not await world.parts.consents.has_agreed(
        f"discord:{world.mina.id}", version=NOTICE_VERSION
    )


async def test_privacy_shows_the_status_and_the_notice(world: World) -> None:
    before = await world.mina.slash(world.lobby, "privacy")
    assert text("privacy.not_agreed", "en", turns=0) in world.words(present(before.response))
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    after = await world.mina.slash(world.lobby, "privacy")
    assert after.ephemeral
    assert text("privacy.agreed", "en", turns=1) in world.words(present(after.response))
    assert text("notice.kept", "en") in world.words(present(after.response))
    assert world.labels(present(after.response)) == [
        text(f"button.{action}", "en") for action in ("withdraw", "export", "erase")
    ]


async def test_export_hands_over_everything_kept_as_a_private_file(world: World) -> None:
    await world.agree(world.mina, world.jun)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY])
    await world.jun.send(world.studio, attachments=[world.SAD])
    shown = await world.mina.slash(world.lobby, "privacy")
    pressed = await world.mina.click(present(shown.response), label=text("button.export", "en"))
    [answer] = pressed.followups
    assert answer.ephemeral
    exported = (await answer.attachments[0].read()).decode()
    assert json.loads(exported)["user"] == f"discord:{world.mina.id}"
    assert str(message.id) in exported
    assert str(world.jun.id) not in exported
    assert "http" not in exported  # no link to a picture


async def test_a_long_export_is_handed_over_compressed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seollem.bot.cogs.privacy._LARGEST_FILE", 100)
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    shown = await world.mina.slash(world.lobby, "privacy")
    pressed = await world.mina.click(present(shown.response), label=text("button.export", "en"))
    [file] = pressed.followups[0].attachments
    assert file.filename == "seollem.json.gz"
    assert json.loads(gzip.decompress(await file.read()))["user"] == f"discord:{world.mina.id}"


async def test_who_withdraws_is_read_no_more_but_keeps_their_turns(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    world.fetched.clear()
    shown = await world.mina.slash(world.lobby, "privacy")
    await world.mina.click(present(shown.response), label=text("button.withdraw", "en"))
    assert present(shown.response).content == text("consent.withdrawn", "en")
    await world.mina.send(world.studio, attachments=[world.SAD])
    assert world.fetched == []
    assert await world.turns_of(world.mina) == 1


async def test_erasing_asks_first_and_then_leaves_nothing(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    shown = await world.mina.slash(world.lobby, "privacy")
    pressed = await world.mina.click(present(shown.response), label=text("button.erase", "en"))
    [question] = pressed.followups
    assert question.content == text("privacy.erase_ask", "en", turns=1)
    assert await world.turns_of(world.mina) == 1

    await world.mina.click(question, label=text("button.erase_yes", "en"))
    assert question.content == text("privacy.erased", "en", turns=1)
    assert world.rows() == 0
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert world.rows() == 0


async def test_erasing_can_be_thought_better_of(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    shown = await world.mina.slash(world.lobby, "privacy")
    pressed = await world.mina.click(present(shown.response), label=text("button.erase", "en"))
    [question] = pressed.followups
    await world.mina.click(question, label=text("button.erase_no", "en"))
    assert question.content == text("privacy.kept", "en")
    assert await world.turns_of(world.mina) == 1


@pytest.mark.parametrize("action", ["withdraw", "erase_yes"])
async def test_what_is_being_read_when_somebody_goes_is_not_recorded(
    world: World, action: str
) -> None:
    await world.agree(world.mina)
    shown = await world.mina.slash(world.lobby, "privacy")
    asked = await world.mina.click(present(shown.response), label=text("button.erase", "en"))
    question = present(shown.response) if action == "withdraw" else asked.followups[0]
    world.analyzer.may_answer.clear()
    picture = world.env.backend.store_attachments(world.studio.id, [world.HAPPY])
    world.env.backend.create_message(world.studio.id, world.mina.id, "", attachments=picture)
    await asyncio.to_thread(world.analyzer.is_reading.wait, 30)
    await world.mina.click(question, label=text(f"button.{action}", "en"))
    await world.agree(world.mina)  # and back again, before the model has answered
    world.analyzer.may_answer.set()
    await world.env.settle()
    assert await world.turns_of(world.mina) == 0
    assert world.told == []


async def test_who_is_erased_by_another_program_gets_no_new_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    async with another_program(world) as database:
        before_writing(monkeypatch, People(database).erase)
        posted = await world.mina.send(world.studio, "I love you", attachments=[world.HAPPY])
    assert present(world.studio.last_message).id == posted.id
    assert world.rows() == 0
    assert world.told == []
    assert world.env.errors == []


async def test_whose_withdrawal_another_program_takes_keeps_the_old_reading_of_an_edit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, "I love you")
    told = list(world.told)
    async with another_program(world) as database:
        before_writing(monkeypatch, Consents(database).withdraw)
        await world.mina.edit(message, "I hate you")
    [turn] = await world.parts.engine.history(
        user=f"discord:{world.mina.id}", place=f"guild:{world.guild.id}"
    )
    assert turn.affection > 0
    assert world.told == told
    assert world.env.errors == []


@asynccontextmanager
async def another_program(world: World) -> AsyncIterator[AsyncEngine]:
    """The same database, opened as ``python -m db`` does beside the running bot."""
    database = create_engine(f"sqlite:///{world.database}")
    yield database
    await database.dispose()


def before_writing(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[str], Awaitable[object]]
) -> None:
    """Have something done about a person between a reading and the transaction that keeps it."""
    writing = Histories.writing

    @asynccontextmanager
    async def later(histories: Histories, user: str) -> AsyncIterator[History]:
        await act(user)
        async with writing(histories, user) as history:
            yield history

    monkeypatch.setattr(Histories, "writing", later)
