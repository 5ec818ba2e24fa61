"""When a conversation is over and another begins."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from clock import Clock
from readings import face
from seollem.db.histories import Histories
from seollem.scoring.engine import ScoringEngine
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.turns import Recorded
from seollem.vision.readings import Emotions

JOY = face(Emotions.of({"happiness": 1.0}))
MOMENT = timedelta(microseconds=1)


async def say(engine: ScoringEngine, **values: Any) -> Recorded:
    return await engine.record_turn(JOY, **({"user": "discord:1", "place": "dm"} | values))


async def test_a_turn_just_before_the_silence_has_lasted_joins_the_conversation(
    engine: ScoringEngine, clock: Clock
) -> None:
    await say(engine)
    clock.now += timedelta(hours=12) - MOMENT
    mood = await engine.mood(user="discord:1", place="dm")
    assert mood is not None
    assert mood.turns == 1
    assert (await say(engine)).turn.number == 2


async def test_a_turn_after_the_silence_begins_another_conversation(
    engine: ScoringEngine, clock: Clock
) -> None:
    await say(engine)
    clock.pass_time(hours=12)
    assert await engine.mood(user="discord:1", place="dm") is None
    assert await engine.history(user="discord:1", place="dm") == ()
    recorded = await say(engine)
    assert (recorded.turn.number, recorded.mood.turns) == (1, 1)
    assert len(await engine.history(user="discord:1", place="dm")) == 1


async def test_the_silence_counts_from_the_latest_turn(engine: ScoringEngine, clock: Clock) -> None:
    for number in range(1, 5):
        assert (await say(engine)).turn.number == number
        clock.pass_time(hours=11)


async def test_a_silence_in_one_place_is_not_broken_in_another(
    engine: ScoringEngine, clock: Clock
) -> None:
    await say(engine)
    clock.pass_time(hours=7)
    await say(engine, place="guild:1")
    clock.pass_time(hours=7)
    assert (await say(engine)).turn.number == 1
    assert (await say(engine, place="guild:1")).turn.number == 2


async def test_the_silence_is_a_setting(database: AsyncEngine, clock: Clock) -> None:
    engine = ScoringEngine(
        histories=Histories(database),
        weights=LabelWeights.load(),
        silence=timedelta(minutes=5),
        clock=clock,
    )
    await say(engine)
    clock.pass_time(minutes=5)
    assert (await say(engine)).turn.number == 1


async def test_a_turn_that_arrives_late_joins_at_the_end_and_moves_no_moment_back(
    engine: ScoringEngine, clock: Clock
) -> None:
    await say(engine, message_id="first")
    late = await say(engine, at=clock.now - timedelta(days=3), message_id="late")
    assert late.turn.number == 2
    assert late.turn.at == clock.now - timedelta(days=3)
    clock.now += timedelta(hours=12) - MOMENT
    assert (await say(engine)).turn.number == 3


@pytest.mark.parametrize(("gone", "left_open"), [("old", True), ("new", False)])
async def test_forgetting_the_latest_turn_gives_back_the_silence_before_it(
    engine: ScoringEngine, clock: Clock, gone: str, left_open: bool
) -> None:
    await say(engine, message_id="old")
    clock.pass_time(hours=6)
    await say(engine, message_id="new")
    clock.pass_time(hours=6)
    await engine.forget_message(gone)
    assert (await engine.mood(user="discord:1", place="dm") is not None) is left_open


async def test_a_turn_of_a_conversation_that_is_over_can_still_be_forgotten(
    engine: ScoringEngine, clock: Clock
) -> None:
    await say(engine, message_id="1")
    await say(engine, message_id="2")
    clock.pass_time(days=1)
    await say(engine, message_id="3")
    (forgotten,) = await engine.forget_message("1")
    assert forgotten.mood is not None
    assert forgotten.mood.turns == 1
    mood = await engine.mood(user="discord:1", place="dm")
    assert mood is not None
    assert mood.turns == 1


async def test_only_the_current_conversation_has_numbers_to_forget(
    engine: ScoringEngine, clock: Clock
) -> None:
    await say(engine)
    clock.pass_time(hours=13)
    assert await engine.forget_turn(user="discord:1", place="dm", number=1) is None
