"""A selfie and its words as one turn: whoever shows the clearer feeling counts for more."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seollem.scoring.affection import turn_affection
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE
from seollem.scoring.fusion import Reading, confidence, face_weight, fuse
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.readings import MessageReading
from seollem.scoring.turns import Source
from seollem.vision.readings import Box, Emotions, FaceReading, SelfieReading

WEIGHTS = LabelWeights.load()
CALM = Emotions.of({"neutral": 0.95, "happiness": 0.05})
LAUGHING = Emotions.of({"neutral": 0.1, "happiness": 0.9})
MATTER_OF_FACT = Emotions.of({"없음": 0.9, "기쁨": 0.1, "짜증": 0.05})
FURIOUS = Emotions.of({"없음": 0.05, "화남/분노": 0.9, "짜증": 0.8, "불평/불만": 0.7})


def some(vocabulary: tuple[str, ...]) -> st.SearchStrategy[Emotions]:
    probabilities = st.floats(0, 1, allow_subnormal=False)
    return st.dictionaries(st.sampled_from(vocabulary), probabilities, min_size=1).map(Emotions.of)


def selfie(emotions: Emotions, conclusive: bool = True) -> SelfieReading:
    face = FaceReading(Box(0, 0, 9, 9), 0.9, emotions, conclusive)
    return SelfieReading((face,), 0, "face-1")


def message(emotions: Emotions, conclusive: bool = True) -> MessageReading:
    return MessageReading(emotions, emotions.top(1).labels, conclusive, "text-1")


@given(some(FACE_EMOTIONS), some(KOTE))
def test_the_affection_is_the_mean_of_both_weighted_by_their_confidence(
    face: Emotions, words: Emotions
) -> None:
    fused = fuse(face, words)
    if not any(face.values()) or not any(words.values()):
        return
    part = face_weight(face, words)
    of_face, of_words = (turn_affection(reading, WEIGHTS) for reading in (face, words))
    assert math.fsum(fused.values()) == pytest.approx(1.0)
    assert turn_affection(fused, WEIGHTS) == pytest.approx(
        part * of_face + (1 - part) * of_words, abs=1e-9
    )


@given(some(FACE_EMOTIONS), some(KOTE))
def test_labels_of_both_are_there_the_face_s_first(face: Emotions, words: Emotions) -> None:
    assert fuse(face, words).labels == (*face.labels, *words.labels)


def test_a_calm_face_leaves_the_word_to_a_message_full_of_feeling() -> None:
    fused = fuse(CALM, FURIOUS)
    assert face_weight(CALM, FURIOUS) == pytest.approx(0.05 / 0.95)
    assert fused.top(1).labels == ("화남/분노",)


def test_a_matter_of_fact_caption_leaves_the_word_to_a_laugh() -> None:
    assert face_weight(LAUGHING, MATTER_OF_FACT) == pytest.approx(0.9)
    assert fuse(LAUGHING, MATTER_OF_FACT).top(1).labels == ("happiness",)


def test_where_neither_shows_any_feeling_both_count_alike() -> None:
    face, words = Emotions.of({"neutral": 1.0}), Emotions.of({"없음": 0.4})
    assert confidence(face) == confidence(words) == 0.0
    assert dict(fuse(face, words)) == {"neutral": 0.5, "없음": 0.5}


def test_a_reading_of_nothing_at_all_leaves_everything_to_the_other() -> None:
    nothing = Emotions.of({"기쁨": 0.0})
    assert turn_affection(fuse(LAUGHING, nothing), WEIGHTS) == pytest.approx(
        turn_affection(LAUGHING, WEIGHTS)
    )


def test_a_label_that_both_know_gets_both_parts() -> None:
    both = Emotions.of({"joy": 0.8, "calm": 0.2})
    assert dict(fuse(both, both)) == pytest.approx({"joy": 0.8, "calm": 0.2})


def test_either_alone_is_the_turn_as_it_was_read() -> None:
    alone = Reading(selfie=selfie(CALM, conclusive=False))
    words = Reading(message=message(FURIOUS))
    assert (alone.source, alone.emotions, alone.model) == (Source.SELFIE, CALM, "face-1")
    assert (words.source, words.emotions, words.model) == (Source.MESSAGE, FURIOUS, "text-1")
    assert (alone.is_conclusive, words.is_conclusive) == (False, True)


def test_both_are_one_turn_that_names_both_models() -> None:
    reading = Reading(selfie(CALM, conclusive=False), message(FURIOUS))
    assert (reading.source, reading.model) == (Source.BOTH, "face-1 + text-1")
    assert reading.emotions == fuse(CALM, FURIOUS)
    assert reading.is_conclusive


def spoken(emotions: Emotions, *present: str) -> MessageReading:
    return MessageReading(emotions, present, bool(present), "text-1")


def test_anger_in_words_names_a_turn_whose_largest_part_is_a_neutral_face() -> None:
    furious = Emotions.of({label: 0.4 if label in FURIOUS else 0.1 for label in KOTE})
    reading = Reading(selfie(CALM), spoken(furious, "화남/분노", "짜증"))
    assert reading.face_part == pytest.approx(0.05 / 0.45)
    assert reading.emotions.top(1).labels == ("neutral",)
    assert reading.leading == "화남/분노"


def test_of_two_feelings_the_one_of_the_half_that_counts_for_more_names_the_turn() -> None:
    happy = Emotions.of({"happiness": 0.6, "neutral": 0.4})
    shades = Emotions.of(dict.fromkeys(("짜증", "화남/분노", "불평/불만", "한심함"), 0.7))
    assert fuse(happy, shades).top(1).labels == ("happiness",)
    assert Reading(selfie(happy), spoken(shades, "짜증")).leading == "짜증"
    assert Reading(selfie(LAUGHING), spoken(shades, "짜증")).leading == "happiness"


def test_a_feeling_goes_before_a_neutral_face_that_counts_for_more() -> None:
    undecided = Emotions.of({"neutral": 0.55, "sadness": 0.45})
    glad = Emotions.of({"기쁨": 0.3, "없음": 0.1})
    reading = Reading(selfie(undecided), spoken(glad, "기쁨"))
    assert reading.face_part == pytest.approx(0.6)
    assert reading.leading == "기쁨"


def test_neutral_names_a_turn_in_which_nothing_else_stands_out() -> None:
    assert Reading(selfie(CALM), spoken(MATTER_OF_FACT)).leading == "neutral"
    assert Reading(selfie(CALM)).leading == "neutral"


def test_a_message_is_named_for_a_feeling_that_is_present_even_where_none_is_likelier() -> None:
    assert Reading(message=spoken(MATTER_OF_FACT, "없음", "기쁨")).leading == "기쁨"


def test_where_nothing_stands_out_nothing_names_the_turn() -> None:
    reading = Reading(selfie(CALM, conclusive=False), spoken(MATTER_OF_FACT))
    assert (reading.leading, reading.is_conclusive) == (None, False)


def test_there_is_no_reading_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        Reading()
