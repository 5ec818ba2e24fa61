"""Slash commands and the menu, in servers and in direct messages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from seollem.bot.wording.locales import text
from world import World, present


async def test_selfie_answers_in_private_with_an_offer_to_share(world: World) -> None:
    await world.agree(world.mina)
    read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    assert read.ephemeral
    said = world.words(present(read.response))
    assert "happiness" in said
    assert text("estimate", "en") in said
    assert world.labels(present(read.response)) == [text("button.share", "en")]
    await world.mina.click(present(read.response), label=text("button.share", "en"))
    assert "86%" in world.words(world.lobby.history(viewer=world.jun)[-1])


async def test_what_was_shared_can_be_taken_back_by_its_owner_alone(world: World) -> None:
    await world.agree(world.mina)
    read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    await world.mina.click(present(read.response), label=text("button.share", "en"))
    shared = present(world.lobby.last_message)
    assert world.labels(shared) == [text("button.take_back", "en")]
    await world.env.restart_bot(type(world.bot)(parts=world.parts, shard_count=1))
    pressed = await world.jun.click(shared, label=text("button.take_back", "en"))
    [refusal] = pressed.followups
    assert refusal.ephemeral
    assert refusal.content == text("error.NotYours", "en")
    assert present(world.lobby.last_message).id == shared.id
    await world.mina.click(shared, label=text("button.take_back", "en"))
    assert shared.id not in [message.id for message in world.lobby.history()]
    assert await world.turns_of(world.mina) == 1


async def test_a_mood_that_was_shown_to_all_can_be_taken_back(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    private = await world.mina.slash(world.lobby, "mood")
    assert world.labels(present(private.response)) == []
    shown = present((await world.mina.slash(world.lobby, "mood", public=True)).response)
    button = text("button.take_back", "en")
    await world.jun.click(shown, label=button)
    assert present(world.lobby.last_message).id == shown.id
    await world.mina.click(shown, label=button)
    assert shown.id not in [message.id for message in world.lobby.history()]


async def test_selfie_works_in_direct_messages(world: World) -> None:
    await world.agree(world.mina)
    read = await world.mina.user.slash("selfie", image=world.HAPPY)
    assert "happiness" in world.words(present(read.response))
    assert world.told[0].guild_id is None
    assert world.labels(present(read.response)) == []  # there is nobody to share it with


async def test_selfie_takes_words_that_are_read_as_those_of_a_message(world: World) -> None:
    await world.agree(world.mina)
    read = await world.mina.slash(
        world.lobby, "selfie", image=world.HAPPY, words="> I hate this\nI love this day"
    )
    assert world.classifier.read_messages == ["I love this day"]
    said = world.words(present(read.response))
    assert text("both.title", "en") in said
    assert "the face 52%, the words 48%" in said
    alone = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY, words="ok")
    assert text("selfie.title", "en") in world.words(present(alone.response))
    faceless = await world.mina.slash(world.lobby, "selfie", image=world.CAT, words="I love this")
    assert text("error.NoFaceFound", "en") in world.words(present(faceless.response))
    turns = await world.parts.engine.history(
        user=f"discord:{world.mina.id}", place=f"guild:{world.guild.id}"
    )
    assert [turn.source for turn in turns] == ["both", "selfie", "message"]


async def test_no_words_of_a_command_are_read_before_their_author_agreed(world: World) -> None:
    read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY, words="I love this")
    assert text("consent.needed", "en") in world.words(present(read.response))
    assert world.classifier.read_messages == []
    assert world.fetched == []


@pytest.mark.parametrize(
    ("picture", "error"),
    [
        ("NOTES", "NoPicture"),
        ("CAT", "NoFaceFound"),
        ("CROWD", "AmbiguousFaces"),
        ("BROKEN", "UnreadableImage"),
    ],
)
async def test_selfie_says_what_is_wrong_with_a_picture(
    world: World, picture: str, error: str
) -> None:
    await world.agree(world.mina)
    read = await world.mina.slash(world.lobby, "selfie", image=getattr(world, picture))
    assert read.ephemeral
    assert present(read.response).content == text(f"error.{error}", "en", count=3)
    assert await world.turns_of(world.mina) == 0


async def test_ones_own_message_can_be_scored_from_its_menu(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.lobby, attachments=[world.HAPPY])
    scored = await world.mina.context_menu(world.lobby, "Score this selfie", message)
    assert scored.ephemeral
    assert "happiness" in world.words(present(scored.response))
    again = await world.mina.context_menu(world.lobby, "Score this selfie", message)
    assert text("selfie.already", "en") in world.words(present(again.response))
    assert await world.turns_of(world.mina) == 1
    await world.mina.delete(message)
    assert await world.turns_of(world.mina) == 0


async def test_somebody_elses_message_cannot_be_scored(world: World) -> None:
    await world.agree(world.mina, world.jun)
    message = await world.mina.send(world.lobby, attachments=[world.HAPPY])
    refused = await world.jun.context_menu(world.lobby, "Score this selfie", message)
    assert present(refused.response).content == text("error.NotYours", "en")
    assert world.fetched == []


async def test_a_message_without_a_picture_cannot_be_scored(world: World) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.lobby, "hello")
    refused = await world.mina.context_menu(world.lobby, "Score this selfie", message)
    assert present(refused.response).content == text("error.NoPicture", "en")


async def test_mood_is_private_unless_it_is_asked_to_be_public(world: World) -> None:
    await world.agree(world.mina)
    await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    private = await world.mina.slash(world.lobby, "mood")
    assert private.ephemeral
    public = await world.mina.slash(world.lobby, "mood", public=True)
    assert not public.ephemeral
    assert present(public.response).embeds[0].title == text("mood.title_shared", "en", name="mina")


async def test_mood_shows_the_chart_as_its_picture(world: World) -> None:
    await world.agree(world.mina)
    for picture in (world.HAPPY, world.SAD):
        await world.mina.slash(world.lobby, "selfie", image=picture)
    mood = await world.mina.slash(world.lobby, "mood")
    [chart] = present(mood.response).attachments
    assert (await chart.read()).startswith(b"\x89PNG")
    assert present(mood.response).embeds[0].fields[1].value == "2"


async def test_before_the_first_selfie_there_is_no_mood_and_no_history(world: World) -> None:
    for command in ("mood", "history"):
        asked = await world.mina.slash(world.lobby, command)
        assert present(asked.response).content == text("mood.none", "en")


async def test_history_lists_the_turns_newest_first(world: World) -> None:
    await world.agree(world.mina)
    for picture in (world.HAPPY, world.SAD):
        await world.mina.slash(world.lobby, "selfie", image=picture)
    listed = await world.mina.slash(world.lobby, "history")
    assert listed.ephemeral
    newest, oldest = present(present(listed.response).embeds[0].description).splitlines()
    assert newest.startswith("`2`")
    assert "sadness 72%" in newest
    assert "happiness 86%" in oldest


async def test_forget_takes_out_the_turn_that_is_named_and_renumbers_the_rest(world: World) -> None:
    await world.agree(world.mina)
    for picture in (world.HAPPY, world.SAD, world.SAD):
        await world.mina.slash(world.lobby, "selfie", image=picture)
    forgotten = await world.mina.slash(world.lobby, "forget", turn=1)
    assert present(forgotten.response).content == text("forget.done", "en", number=1)
    listed = await world.mina.slash(world.lobby, "history")
    assert "happiness" not in present(present(listed.response).embeds[0].description)
    assert present(world.moods()[-1].mood).turns == 2
    latest = await world.mina.slash(world.lobby, "forget")
    assert present(latest.response).content == text("forget.done", "en", number=2)


async def test_forgetting_a_turn_that_is_not_there_says_so(world: World) -> None:
    assert present((await world.mina.slash(world.lobby, "forget")).response).content == text(
        "forget.none", "en"
    )
    await world.agree(world.mina)
    await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    missing = await world.mina.slash(world.lobby, "forget", turn=7)
    assert present(missing.response).content == text("forget.none", "en")
    assert await world.turns_of(world.mina) == 1


@pytest.mark.parametrize(
    "written",
    [
        "{message}",
        " https://discord.com/channels/{guild}/{channel}/{message} ",
        "https://ptb.discord.com/channels/@me/{channel}/{message}",
    ],
)
async def test_forget_takes_out_what_was_read_of_a_message_of_an_ended_conversation(
    world: World, written: str
) -> None:
    await world.agree(world.mina)
    message = await world.mina.send(world.studio, attachments=[world.HAPPY])
    user, place = f"discord:{world.mina.id}", f"guild:{world.guild.id}"
    world.parts.engine._clock = lambda: datetime.now(UTC) + timedelta(days=2)
    assert await world.parts.engine.mood(user=user, place=place) is None
    named = written.format(guild=world.guild.id, channel=world.studio.id, message=message.id)
    elses = await world.jun.slash(world.lobby, "forget", message=named)
    assert present(elses.response).content == text("forget.none_message", "en")
    forgotten = await world.mina.slash(world.lobby, "forget", message=named)
    assert forgotten.ephemeral
    assert present(forgotten.response).content == text("forget.done_message", "en")
    assert await world.turns_of(world.mina) == 0
    assert world.moods()[-1].mood is None


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"message": "3"}, "NotAMessage"),
        ({"message": "https://discord.com/channels/100000000000000000/100000000000000001"},
         "NotAMessage"),
        ({"message": "100000000000000001", "turn": 1}, "TurnAndMessage"),
    ],
)  # fmt: skip
async def test_forget_says_what_it_cannot_make_out(
    world: World, options: dict[str, Any], error: str
) -> None:
    await world.agree(world.mina)
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    refused = await world.mina.slash(world.lobby, "forget", **options)
    assert refused.ephemeral
    assert present(refused.response).content == text(f"error.{error}", "en")
    assert await world.turns_of(world.mina) == 1


@pytest.mark.usefixtures("in_korean")
async def test_koreans_are_answered_in_korean(world: World) -> None:
    await world.agree(world.mina)
    read = await world.mina.slash(world.lobby, "selfie", image=world.HAPPY)
    assert "행복" in world.words(present(read.response))
    assert world.labels(present(read.response)) == [text("button.share", "ko")]
    mood = await world.mina.slash(world.lobby, "mood")
    assert text("mood.affection", "ko") in world.words(present(mood.response))
    none = await world.mina.slash(world.lobby, "selfie", image=world.CAT)
    assert present(none.response).content == text("error.NoFaceFound", "ko")
    await world.mina.send(world.studio, attachments=[world.HAPPY])
    assert present(world.studio.last_message).content == text("selfie.read", "ko")
