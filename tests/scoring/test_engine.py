"""ScoringEngine over both databases: recording, reading, replacing, forgetting."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from readings import face, words
from seollem.db.consents import Consents
from seollem.db.engine import create_engine, migrate
from seollem.db.histories import Histories
from seollem.scoring.affection import conversation_affection, turn_affection
from seollem.scoring.emotions import KOTE
from seollem.scoring.engine import ScoringEngine
from seollem.scoring.errors import NotAgreed, UnknownLabel
from seollem.scoring.fusion import Reading
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.turns import Mood, Recorded, Source, Turn
from seollem.vision.readings import Emotions

JOY = Emotions.of({"happiness": 0.9, "neutral": 0.1})
RAGE = Emotions.of({"anger": 0.8, "neutral": 0.2})
CALM = Emotions.of({"neutral": 1.0})
WEIGHTS = LabelWeights.load()
WHO = {"user": "discord:1", "place": "dm"}


def as_reading(reading: Reading | Emotions) -> Reading:
    return face(reading) if isinstance(reading, Emotions) else reading


async def say(engine: ScoringEngine, reading: Reading | Emotions = JOY, **values: Any) -> Recorded:
    return await engine.record_turn(as_reading(reading), **(WHO | values))


async def edit(
    engine: ScoringEngine, reading: Reading | Emotions, **values: Any
) -> Recorded | None:
    return await engine.replace_turn(as_reading(reading), **({"user": "discord:1"} | values))


async def mood_of(engine: ScoringEngine, user: str = "discord:1", place: str = "dm") -> Mood:
    mood = await engine.mood(user=user, place=place)
    assert mood is not None
    return mood


async def history_of(engine: ScoringEngine, limit: int = 100) -> tuple[Turn, ...]:
    return await engine.history(user="discord:1", place="dm", limit=limit)


def affection_of(*readings: Emotions) -> float:
    return conversation_affection([turn_affection(reading, WEIGHTS) for reading in readings])


async def test_a_recorded_turn_comes_back_as_it_was_read(engine: ScoringEngine) -> None:
    at = datetime(2026, 3, 1, 18, 30, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    recorded = await say(engine, message_id="77", at=at)
    assert recorded.is_new
    assert recorded.turn == Turn(
        number=1,
        source=Source.SELFIE,
        affection=turn_affection(JOY, WEIGHTS),
        emotions=recorded.turn.emotions,
        model="face-1",
        at=at,
        message_id="77",
    )
    assert recorded.turn.at.tzinfo is UTC
    assert list(recorded.turn.emotions.items()) == [("happiness", 0.9), ("neutral", 0.1)]
    (listed,) = await history_of(engine)
    assert (listed.number, listed.at, listed.affection) == (1, at, recorded.turn.affection)
    assert dict(listed.emotions) == dict(JOY)


async def test_a_turn_keeps_what_it_is_named_for_first_however_small_its_part(
    engine: ScoringEngine,
) -> None:
    parts = Emotions.of({label: (9 - n) / 45 for n, label in enumerate(KOTE[:9])})
    recorded = await say(engine, words(parts, KOTE[8]), message_id="77")
    assert recorded.turn.leading == KOTE[8]
    assert recorded.turn.emotions.labels == (KOTE[8], *KOTE[:7])
    assert recorded.turn.other_probability == pytest.approx(2 / 45)
    (listed,) = await history_of(engine)
    assert listed.emotions.labels == recorded.turn.emotions.labels
    again = await edit(engine, words(parts), message_id="77")
    assert again is not None
    assert again.turn.leading == KOTE[0]


async def test_the_mood_follows_the_formula(engine: ScoringEngine) -> None:
    readings = [JOY, RAGE, CALM, JOY, JOY, RAGE, JOY]
    recorded = [await say(engine, reading) for reading in readings]
    mood = await mood_of(engine)
    assert [r.turn.number for r in recorded] == [1, 2, 3, 4, 5, 6, 7]
    assert recorded[-1].mood == mood
    assert mood.turns == 7
    assert mood.affection == pytest.approx(affection_of(*readings), abs=1e-12)
    assert mood.percent == pytest.approx(50 * (1 + mood.affection))
    latest, before = readings[4:], readings[1:4]
    trend = sum(turn_affection(r, WEIGHTS) for r in latest) / 3
    trend -= sum(turn_affection(r, WEIGHTS) for r in before) / 3
    assert mood.trend == pytest.approx(trend)


async def test_contributions_name_what_moved_the_latest_turns_most(engine: ScoringEngine) -> None:
    for reading in [JOY, RAGE, RAGE, RAGE]:
        await say(engine, reading)
    strongest, *others = (await mood_of(engine)).contributions
    assert strongest.label == "anger"
    assert strongest.share == pytest.approx(0.75 * 0.8 * WEIGHTS["anger"])
    assert [c.label for c in others] == ["happiness"]  # neutral weighs nothing


async def test_trend_and_contributions_look_at_ten_turns_only(engine: ScoringEngine) -> None:
    await say(engine, RAGE)
    for _ in range(10):
        await say(engine, JOY)
    mood = await mood_of(engine)
    assert mood.trend == pytest.approx(0.0)
    assert "anger" not in [c.label for c in mood.contributions]


async def test_the_eight_most_probable_emotions_are_kept(engine: ScoringEngine) -> None:
    labels = [label for label in WEIGHTS if label not in ("anger", "happiness")][:18]
    spread = Emotions.of([(label, 0.01 * n) for n, label in enumerate(labels)] + [("anger", 0.8)])
    recorded = await say(engine, words(spread))
    assert recorded.turn.affection == turn_affection(spread, WEIGHTS)
    assert recorded.turn.emotions.labels == ("anger", *labels[:10:-1])
    assert recorded.turn.other_probability == pytest.approx(sum(0.01 * n for n in range(11)))
    [listed] = await history_of(engine)
    assert listed.other_probability == recorded.turn.other_probability


async def test_why_tells_what_moved_the_latest_turn_and_the_mood(engine: ScoringEngine) -> None:
    for reading in [JOY, RAGE]:
        await say(engine, reading)
    before = await mood_of(engine)
    labels = list(WEIGHTS)[:20]
    many = Emotions.of((label, 0.02 * n) for n, label in enumerate(labels))
    await say(engine, words(many))
    why = await engine.explain(user="discord:1", place="dm")
    assert why is not None
    assert why.before == pytest.approx(before.affection)
    assert (why.turn.number, why.mood, why.latest) == (3, await mood_of(engine), 3)
    whole = sum(many.values())
    assert len(why.factors) == 8
    for factor in why.factors:
        assert factor.share == pytest.approx(many[factor.label] / whole)
        assert factor.weight == WEIGHTS[factor.label]
        assert factor.moved == pytest.approx(factor.share * factor.weight)
    left_out = [label for label in labels if label not in why.turn.emotions]
    others = sum(many[label] * WEIGHTS[label] for label in left_out) / whole
    assert others + sum(f.moved for f in why.factors) == pytest.approx(why.turn.affection)
    mean = sum(turn_affection(reading, WEIGHTS) for reading in [JOY, RAGE, many]) / 3
    assert why.mean == pytest.approx(mean)
    contributions = sum(contribution.share for contribution in why.mood.contributions)
    assert why.mean - contributions == pytest.approx(others / 3)


async def test_of_a_selfie_why_leaves_nothing_over(engine: ScoringEngine) -> None:
    assert await engine.explain(user="discord:1", place="dm") is None
    await say(engine, JOY)
    why = await engine.explain(user="discord:1", place="dm")
    assert why is not None
    assert why.before is None
    assert sum(factor.moved for factor in why.factors) == pytest.approx(why.turn.affection)
    contributions = sum(contribution.share for contribution in why.mood.contributions)
    assert contributions == pytest.approx(why.mean)
    assert [factor.share for factor in why.factors] == [0.9, 0.1]


async def test_people_and_places_are_kept_apart(engine: ScoringEngine) -> None:
    await say(engine, JOY, user="discord:1", place="guild:1")
    await say(engine, RAGE, user="discord:1", place="guild:2")
    await say(engine, CALM, user="discord:2", place="guild:1")
    for user, place, reading in [
        ("discord:1", "guild:1", JOY),
        ("discord:1", "guild:2", RAGE),
        ("discord:2", "guild:1", CALM),
    ]:
        mood = await mood_of(engine, user, place)
        assert (mood.turns, mood.affection) == (1, affection_of(reading))


async def test_nobody_has_a_mood_before_the_first_turn(engine: ScoringEngine) -> None:
    assert await engine.mood(user="discord:1", place="dm") is None
    assert await history_of(engine) == ()


async def test_the_history_ends_with_the_newest_turn(engine: ScoringEngine) -> None:
    for reading in [JOY, RAGE, CALM, JOY]:
        await say(engine, reading)
    turns = await history_of(engine, limit=3)
    assert [turn.number for turn in turns] == [2, 3, 4]
    assert [turn.emotions.labels[0] for turn in turns] == ["anger", "neutral", "happiness"]


async def test_a_message_that_is_delivered_twice_counts_once(engine: ScoringEngine) -> None:
    first = await say(engine, JOY, message_id="77")
    await say(engine, RAGE, message_id="78")
    again = await say(engine, RAGE, message_id="77", place="guild:1")
    assert not again.is_new
    assert again.turn == first.turn
    assert again.mood == await mood_of(engine)
    assert (await mood_of(engine)).turns == 2
    assert await engine.mood(user="discord:1", place="guild:1") is None


async def test_what_a_message_became_can_be_asked_for(engine: ScoringEngine, clock: Any) -> None:
    first = await say(engine, JOY, message_id="77")
    assert await engine.recorded(user="discord:1", message_id="77") == Recorded(
        first.turn, first.mood, is_new=False
    )
    clock.pass_time(days=1)
    await say(engine, RAGE, message_id="78")
    asked = await engine.recorded(user="discord:1", message_id="77")
    assert asked is not None
    assert (asked.turn, asked.mood) == (first.turn, first.mood)
    assert await engine.recorded(user="discord:2", message_id="77") is None
    assert await engine.recorded(user="discord:1", message_id="79") is None


async def test_turns_without_a_message_each_count(engine: ScoringEngine) -> None:
    for _ in range(3):
        assert (await say(engine)).is_new
    assert (await mood_of(engine)).turns == 3


async def test_the_same_message_may_count_for_two_people(engine: ScoringEngine) -> None:
    assert (await say(engine, user="discord:1", message_id="77")).is_new
    assert (await say(engine, user="discord:2", message_id="77")).is_new


async def test_an_edited_message_changes_its_turn_in_place(engine: ScoringEngine) -> None:
    for number, reading in enumerate([JOY, RAGE, CALM], start=1):
        await say(engine, reading, message_id=str(number))
    before = (await history_of(engine))[1]
    replaced = await edit(
        engine, Reading(face(JOY).selfie, words(JOY, "happiness").message), message_id="2"
    )
    assert replaced is not None
    assert not replaced.is_new
    turn = replaced.turn
    assert (turn.number, turn.model, turn.at) == (2, "face-1 + text-1", before.at)
    assert (before.source, turn.source) == (Source.SELFIE, Source.BOTH)
    assert turn.affection == pytest.approx(turn_affection(JOY, WEIGHTS))
    assert replaced.mood == await mood_of(engine)
    assert replaced.mood.affection == pytest.approx(affection_of(JOY, JOY, CALM), abs=1e-12)


async def test_an_edit_of_a_message_that_was_never_scored_changes_nothing(
    engine: ScoringEngine,
) -> None:
    await say(engine, message_id="1")
    for user, message_id in [("discord:1", "2"), ("discord:2", "1")]:
        assert await edit(engine, RAGE, user=user, message_id=message_id) is None
    assert (await mood_of(engine)).affection == affection_of(JOY)


@pytest.mark.parametrize("gone", [1, 2, 3, 4])
async def test_a_deleted_message_leaves_no_trace_in_the_mood(
    engine: ScoringEngine, gone: int
) -> None:
    readings = [JOY, RAGE, CALM, RAGE]
    for number, reading in enumerate(readings, start=1):
        await say(engine, reading, message_id=str(number))
    (forgotten,) = await engine.forget_message(str(gone))
    assert (forgotten.user, forgotten.place, forgotten.turn.number) == ("discord:1", "dm", gone)
    del readings[gone - 1]
    mood = await mood_of(engine)
    assert forgotten.mood == mood
    assert mood.turns == 3
    assert mood.affection == pytest.approx(affection_of(*readings), abs=1e-12)
    turns = await history_of(engine)
    assert [turn.number for turn in turns] == [1, 2, 3]
    assert [turn.affection for turn in turns] == [turn_affection(r, WEIGHTS) for r in readings]
    assert await engine.forget_message(str(gone)) == ()


async def test_a_turn_is_forgotten_by_its_number(engine: ScoringEngine) -> None:
    for reading in [JOY, RAGE, CALM]:
        await say(engine, reading)
    forgotten = await engine.forget_turn(user="discord:1", place="dm", number=2)
    assert forgotten is not None
    assert forgotten.turn.emotions.labels[0] == "anger"
    assert (await mood_of(engine)).affection == pytest.approx(affection_of(JOY, CALM), abs=1e-12)


@pytest.mark.parametrize("number", [-1, 0, 3, 10**12])
async def test_a_number_that_is_not_there_forgets_nothing(
    engine: ScoringEngine, number: int
) -> None:
    await say(engine)
    await say(engine)
    assert await engine.forget_turn(user="discord:1", place="dm", number=number) is None
    assert await engine.forget_turn(user="discord:1", place="guild:1", number=1) is None
    assert (await mood_of(engine)).turns == 2


async def test_nobody_forgets_another_persons_turn(engine: ScoringEngine) -> None:
    await say(engine, message_id="77")
    assert await engine.forget_turn(user="discord:2", message_id="77") is None
    assert (await mood_of(engine)).turns == 1


async def test_a_message_of_two_people_is_forgotten_for_both(engine: ScoringEngine) -> None:
    for user in ("discord:1", "discord:2"):
        await say(engine, user=user, message_id="77")
    gone = await engine.forget_message("77")
    assert sorted(forgotten.user for forgotten in gone) == ["discord:1", "discord:2"]
    assert [forgotten.mood for forgotten in gone] == [None, None]


async def test_the_last_turn_takes_its_conversation_with_it(
    engine: ScoringEngine, database: AsyncEngine
) -> None:
    await say(engine, message_id="77")
    forgotten = await engine.forget_turn(user="discord:1", message_id="77")
    assert forgotten is not None
    assert forgotten.mood is None
    assert await engine.mood(user="discord:1", place="dm") is None
    async with database.connect() as connection:
        for table in ("seollem_conversations", "seollem_turns"):
            rows = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            assert rows.scalar_one() == 0
    assert (await say(engine, message_id="77")).turn.number == 1


@pytest.mark.parametrize(
    "naming", [{}, {"message_id": "1", "number": 1}, {"place": "dm"}, {"number": 1}]
)
async def test_a_turn_to_forget_is_named_in_one_way(
    engine: ScoringEngine, naming: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="message_id, or place and number"):
        await engine.forget_turn(user="discord:1", **naming)


async def test_an_emotion_without_a_weight_records_nothing(engine: ScoringEngine) -> None:
    await say(engine, message_id="1")
    unknown = Emotions.of({"hapiness": 1.0})
    with pytest.raises(UnknownLabel, match="did you mean 'happiness'"):
        await say(engine, unknown)
    with pytest.raises(UnknownLabel):
        await edit(engine, unknown, message_id="1")
    assert (await mood_of(engine)).affection == affection_of(JOY)


async def test_a_moment_without_a_time_zone_is_refused(engine: ScoringEngine) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        await say(engine, at=datetime(2026, 3, 1, 9, 0))
    assert await engine.mood(user="discord:1", place="dm") is None


def test_a_silence_must_last(database: AsyncEngine) -> None:
    with pytest.raises(ValueError, match="never begins"):
        ScoringEngine(histories=Histories(database), weights=WEIGHTS, silence=timedelta(0))


async def test_a_memory_survives_the_program(database_url: str) -> None:
    for turns in (1, 2):
        database = create_engine(database_url)
        await migrate(database)
        engine = ScoringEngine(histories=Histories(database), weights=WEIGHTS)
        assert (await say(engine)).mood.turns == turns
        await database.dispose()


async def test_what_is_stored_equals_the_plain_sums_after_any_changes(
    engine: ScoringEngine,
) -> None:
    random = Random(7)
    expected: list[tuple[str, Emotions]] = []
    for step in range(60):
        action = random.choice(["record", "record", "record", "replace", "forget"])
        reading = Emotions.of({"happiness": random.random(), "anger": random.random()})
        if action == "record" or not expected:
            expected.append((str(step), reading))
            await say(engine, reading, message_id=str(step))
            continue
        place = random.randrange(len(expected))
        message_id, _ = expected[place]
        if action == "replace":
            expected[place] = (message_id, reading)
            await edit(engine, reading, message_id=message_id)
        else:
            del expected[place]
            await engine.forget_message(message_id)
    affections = [turn_affection(reading, WEIGHTS) for _, reading in expected]
    turns = await history_of(engine, limit=1000)
    assert [turn.message_id for turn in turns] == [message_id for message_id, _ in expected]
    assert [turn.affection for turn in turns] == affections
    mood = await mood_of(engine)
    assert mood.turns == len(expected)
    assert mood.affection == pytest.approx(conversation_affection(affections), abs=1e-12)


async def test_where_agreements_are_kept_nobody_is_counted_without_one(
    engine: ScoringEngine, database: AsyncEngine
) -> None:
    consents = Consents(database)
    await consents.agree("discord:1", version=1)
    with pytest.raises(NotAgreed):
        await say(engine, message_id="77", agreed_to=2)  # a newer notice
    await consents.agree("discord:1", version=2)
    await say(engine, message_id="77", agreed_to=2)
    assert await edit(engine, CALM, message_id="77", agreed_to=2)
    await consents.withdraw("discord:1")
    with pytest.raises(NotAgreed):
        await edit(engine, RAGE, message_id="77", agreed_to=2)
    with pytest.raises(NotAgreed):
        await say(engine, message_id="78", agreed_to=2)
    (turn,) = await history_of(engine)
    assert turn.affection == turn_affection(CALM, WEIGHTS)
