"""The arithmetic of affection, as properties."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seollem.scoring.affection import (
    RunningMood,
    conversation_affection,
    moves,
    percent,
    shares,
    trend,
    turn_affection,
)
from seollem.scoring.errors import UnknownLabel

affections = st.floats(-1, 1)
conversations = st.lists(affections, min_size=1, max_size=60)
labels = st.sampled_from(["joy", "calm", "fear", "rage"])
readings = st.dictionaries(labels, st.floats(0, 1, allow_subnormal=False), max_size=4)
WEIGHTS = {"joy": 1.0, "calm": 0.2, "fear": -0.3, "rage": -1.0}


def plain_sum(values: list[float]) -> float:
    return math.fsum(t * affection for t, affection in enumerate(values, start=1))


def running(values: list[float]) -> RunningMood:
    mood = RunningMood()
    for affection in values:
        mood = mood.add(affection)
    return mood


def assert_is_plain(mood: RunningMood, values: list[float]) -> None:
    """The running value equals the sums done anew, to 1e-9 as they are shown."""
    assert mood.turns == len(values)
    whole = plain_sum(values)
    assert mood.weighted_sum == pytest.approx(whole, rel=1e-15, abs=1e-9)
    assert mood.affection == pytest.approx(conversation_affection(values), abs=1e-9)
    assert mood.total == pytest.approx(whole / len(values) if values else 0.0, abs=1e-9)


def test_a_turn_is_the_mean_weight_of_its_emotions() -> None:
    assert turn_affection({"joy": 0.6, "rage": 0.2}, WEIGHTS) == pytest.approx((0.6 - 0.2) / 0.8)


@given(readings)
def test_a_turn_lies_between_the_weights_of_its_emotions(emotions: dict[str, float]) -> None:
    affection = turn_affection(emotions, WEIGHTS)
    weights = [WEIGHTS[label] for label, p in emotions.items() if p > 0] or [0.0]
    assert min(weights) - 1e-12 <= affection <= max(weights) + 1e-12
    assert -1.0 <= affection <= 1.0


@given(readings, st.floats(0.01, 1))
def test_only_the_proportions_of_a_reading_count(emotions: dict[str, float], scale: float) -> None:
    fainter = {label: p * scale for label, p in emotions.items()}
    if math.fsum(emotions.values()) > 1e-100:
        assert turn_affection(fainter, WEIGHTS) == pytest.approx(turn_affection(emotions, WEIGHTS))


def test_a_reading_without_any_emotion_is_indifferent() -> None:
    assert turn_affection({"joy": 0.0, "rage": 0.0}, WEIGHTS) == 0.0
    assert turn_affection({}, WEIGHTS) == 0.0


def test_an_emotion_without_a_weight_is_named_and_the_nearest_one_suggested() -> None:
    with pytest.raises(UnknownLabel, match=r"no affection weight for 'joi'.*'joy'") as caught:
        turn_affection({"joi": 1.0}, WEIGHTS)
    assert caught.value.label == "joi"


@given(conversations)
def test_a_conversation_lies_between_its_turns(values: list[float]) -> None:
    affection = conversation_affection(values)
    assert min(values) - 1e-12 <= affection <= max(values) + 1e-12
    assert -1.0 <= running(values).affection <= 1.0


@given(conversations)
def test_a_conversation_is_the_mean_weighted_by_each_turns_number(values: list[float]) -> None:
    turns = len(values)
    weights = [t / turns for t in range(1, turns + 1)]
    total = math.fsum(w * a for w, a in zip(weights, values, strict=True))
    assert running(values).total == pytest.approx(total, abs=1e-9)
    assert running(values).affection == pytest.approx(total / math.fsum(weights), abs=1e-9)


@given(affections, affections)
def test_the_later_turn_weighs_more(first: float, second: float) -> None:
    assert conversation_affection([first, second]) == pytest.approx((first + 2 * second) / 3)


@given(st.lists(affections, min_size=2, max_size=30))
def test_warmer_turns_towards_the_end_make_a_warmer_conversation(values: list[float]) -> None:
    rising = conversation_affection(sorted(values))
    falling = conversation_affection(sorted(values, reverse=True))
    assert falling - 1e-12 <= conversation_affection(values) <= rising + 1e-12


@given(conversations)
def test_the_running_sum_is_the_plain_sum(values: list[float]) -> None:
    assert_is_plain(running(values), values)


@given(conversations, st.data())
def test_a_removed_turn_leaves_no_trace(values: list[float], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(values)))
    gone, later = values[number - 1], values[number:]
    mood = running(values).remove(number, gone, math.fsum(later))
    assert_is_plain(mood, values[: number - 1] + later)


@given(conversations, affections, st.data())
def test_a_replaced_turn_is_as_if_it_had_been_so_from_the_start(
    values: list[float], new: float, data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, len(values)))
    mood = running(values).replace(number, values[number - 1], new)
    values[number - 1] = new
    assert_is_plain(mood, values)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_running_sum_does_not_drift_over_10_000_turns_that_come_change_and_go(
    seed: int,
) -> None:
    random = Random(seed)
    values: list[float] = []
    mood = RunningMood()
    for _ in range(10_000):
        new = random.choice([random.uniform(-1, 1), 0.1, 1 / 3, -1.0, 1e-17])
        values.append(new)
        mood = mood.add(new)
    assert_is_plain(mood, values)
    # Equal to the last bit, not merely near: the sum itself is of the order of 1e7.
    assert mood.weighted_sum == plain_sum(values)
    for _ in range(500):
        number = random.randint(1, len(values))
        new = random.uniform(-1, 1)
        mood = mood.replace(number, values[number - 1], new)
        values[number - 1] = new
        number = random.randint(1, len(values))
        gone = values.pop(number - 1)
        mood = mood.remove(number, gone, math.fsum(values[number - 1 :]))
    assert_is_plain(mood, values)


def test_a_conversation_that_lost_all_its_turns_is_a_new_one() -> None:
    mood = RunningMood().add(0.1).add(0.7).remove(1, 0.1, 0.7).remove(1, 0.7, 0.0)
    assert mood == RunningMood()
    assert (mood.affection, mood.total) == (0.0, 0.0)


@pytest.mark.parametrize(("affection", "shown"), [(-1.0, 0.0), (0.0, 50.0), (1.0, 100.0)])
def test_affection_is_shown_from_0_to_100(affection: float, shown: float) -> None:
    assert percent(affection) == shown


def test_the_trend_compares_the_latest_five_turns_with_the_five_before() -> None:
    assert trend([-1.0] * 9 + [0.0] * 5 + [0.5] * 5) == pytest.approx(0.5)


def test_the_trend_of_a_short_conversation_compares_its_halves() -> None:
    assert trend([-1.0, 0.0, 0.0, 0.4]) == pytest.approx(0.7)
    assert trend([0.9, -0.5, 0.0, 0.1, 0.5, 0.6, 0.7]) == pytest.approx(0.6 + 0.4 / 3)


def test_one_warm_turn_at_the_start_does_not_make_a_warming_conversation_cool_down() -> None:
    assert trend([0.46, -0.48, 0.0, 0.52, 0.54, 0.78]) > 0


@given(st.lists(affections, max_size=3))
def test_three_turns_or_fewer_have_no_trend_yet(values: list[float]) -> None:
    assert trend(values) == 0.0


@given(st.lists(readings, min_size=1, max_size=10))
def test_the_shares_sum_to_the_mean_affection(emotions: list[dict[str, float]]) -> None:
    moved = shares([moves(reading, WEIGHTS) for reading in emotions])
    mean = math.fsum(turn_affection(reading, WEIGHTS) for reading in emotions) / len(emotions)
    assert math.fsum(moved.values()) == pytest.approx(mean, abs=1e-9)
    assert [abs(share) for share in moved.values()] == sorted(map(abs, moved.values()))[::-1]


@given(st.dictionaries(labels, st.floats(0, 1, allow_subnormal=False), min_size=1))
def test_an_emotion_moves_as_much_whether_the_others_are_kept_or_only_their_sum(
    emotions: dict[str, float],
) -> None:
    whole = moves(emotions, WEIGHTS)
    (label, p), *others = emotions.items()
    alone = moves({label: p}, WEIGHTS, math.fsum(q for _, q in others))
    assert alone == pytest.approx({label: whole[label]})


def test_an_emotion_that_lost_its_weight_moves_nothing() -> None:
    assert shares([moves({"joy": 0.5, "forgotten": 0.5}, WEIGHTS)]) == {"joy": 0.5}
