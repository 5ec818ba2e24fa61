"""Label weights from similarity, on vectors made by hand: what the arithmetic does and refuses."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seollem.scoring.agreement import agreement
from seollem.scoring.descriptions import ANCHORS, DESCRIPTIONS, Anchors, phrases_of
from seollem.scoring.emotions import AFFECTION_ANCHORS, FACE_EMOTIONS, KOTE
from seollem.scoring.errors import WeightsError
from seollem.scoring.similarity import affection_weights

WARM, COLD, PLAIN = np.eye(32, dtype=np.float32)[:3]
OFTEN = np.eye(32, dtype=np.float32)[3]  # what any sentence of this encoder is mostly made of
LIKED = {"기쁨", "행복", "아껴주는", "환영/호의"}
DISLIKED = {"증오/혐오", "짜증", "불평/불만"}


class StandInEncoder:
    """Sentences → vectors: what they mean by hand, beside a large share that all have in common."""

    def __init__(self, anchors: Anchors = ANCHORS) -> None:
        self.asked = 0
        self._meanings: dict[str, NDArray[np.float32]] = {"그리움": WARM, "싸늘함": COLD}
        for label, phrases in DESCRIPTIONS.items():
            for phrase in phrases:
                self._meanings[phrase] = (
                    0.7 * WARM if label in LIKED else 0.7 * COLD if label in DISLIKED else PLAIN
                )
        for end, meaning in ((anchors.affection, WARM), (anchors.opposites, COLD)):
            for word, phrases in end.items():
                self._meanings |= dict.fromkeys((word, *phrases), meaning)

    def __call__(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        self.asked += len(sentences)
        return np.stack([self._vector(sentence) for sentence in sentences])

    def _vector(self, sentence: str) -> NDArray[np.float32]:
        said = max((p for p in self._meanings if p in sentence), key=len, default="")
        seed = int.from_bytes(hashlib.sha256(sentence.encode()).digest()[:4], "little")
        noise = np.random.default_rng(seed).normal(0, 0.01, 32).astype(np.float32)
        vector = 3 * OFTEN + self._meanings.get(said, PLAIN) + noise
        unit: NDArray[np.float32] = (vector / np.linalg.norm(vector)).astype(np.float32)
        return unit


def test_contrast_finds_the_side_that_raw_cosines_hide() -> None:
    encode = StandInEncoder()
    labels = ("아껴주는", "증오/혐오")
    contrast = affection_weights(labels, encode)
    raw = affection_weights(labels, encode, method="raw")
    assert contrast["아껴주는"] > 0.5 > -0.5 > contrast["증오/혐오"]
    assert min(raw.values()) > 0.8  # they crowd, whatever the words mean


def test_the_greatest_weight_is_one_and_neutral_weighs_nothing() -> None:
    weights = affection_weights((*FACE_EMOTIONS, *KOTE), StandInEncoder())
    assert max(map(abs, weights.values())) == pytest.approx(1)
    assert weights["neutral"] == pytest.approx(0, abs=1e-6)
    assert weights["없음"] == pytest.approx(0, abs=1e-6)


def test_a_weight_does_not_depend_on_the_labels_beside_it() -> None:
    encode = StandInEncoder()
    alone = affection_weights(("기쁨",), encode)["기쁨"]
    together = affection_weights(("증오/혐오", "기쁨", "그리움"), encode)["기쁨"]
    assert alone == pytest.approx(together, abs=1e-6)


def test_a_new_label_is_weighed_by_the_words_of_its_name() -> None:
    weights = affection_weights(("그리움", "싸늘함"), StandInEncoder())
    assert weights["그리움"] > 0.5 > -0.5 > weights["싸늘함"]
    assert phrases_of("부담/안_내킴") != ("부담", "안 내킴")  # a known one has a description
    assert phrases_of("질투(시샘)") == ("질투", "시샘")


def test_other_anchors_make_another_axis() -> None:
    other = Anchors(ANCHORS.opposites, ANCHORS.affection)
    weights = affection_weights(("아껴주는", "증오/혐오"), StandInEncoder(), anchors=other)
    assert weights["아껴주는"] < -0.5 < 0.5 < weights["증오/혐오"]


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (("",), {}, "blank"),
        (("기쁨", "  "), {}, "blank"),
        (("기쁨",), {"method": "magic"}, "contrast, raw"),
        (("기쁨",), {"anchors": Anchors({}, ANCHORS.opposites)}, "both ends"),
        (("기쁨",), {"anchors": Anchors(ANCHORS.affection, {})}, "both ends"),
    ],
)
def test_what_cannot_be_weighed_is_refused(
    labels: tuple[str, ...], options: dict[str, Any], message: str
) -> None:
    encode = StandInEncoder()
    with pytest.raises(WeightsError, match=message):
        affection_weights(labels, encode, **options)
    assert encode.asked == 0


def test_every_emotion_is_described_in_both_languages_and_no_phrase_twice() -> None:
    assert set(DESCRIPTIONS) == {*FACE_EMOTIONS, *KOTE}
    assert set(ANCHORS.affection) == set(AFFECTION_ANCHORS)
    for phrases in (*DESCRIPTIONS.values(), *ANCHORS.affection.values()):
        korean = [phrase for phrase in phrases if any("가" <= sign <= "힣" for sign in phrase)]
        assert len(set(phrases)) == len(phrases) == 2 * len(korean)


def test_agreement_ranks_ties_and_names_the_labels_on_the_wrong_side() -> None:
    reference = {"a": 0.4, "b": 0.2, "c": 0.05, "d": -0.05, "e": -0.2, "f": -0.4}
    same = agreement(reference, reference)
    assert same is not None
    assert (same.spearman, same.spearman_positive, same.sign) == pytest.approx((1, 1, 1))
    found = agreement({"a": 0.1, "b": 0.9, "c": -1, "d": 0.1, "e": 0.1, "f": -0.8}, reference)
    assert found is not None
    # ranks 4 6 1 4 4 2 against 6 5 4 3 2 1: r of those, and of 2 3 1 against 3 2 1
    assert found.spearman == pytest.approx(np.corrcoef([4, 6, 1, 4, 4, 2], range(6, 0, -1))[0, 1])
    assert found.spearman_positive == pytest.approx(0.5)
    assert found.wrong_side == ("e",)
    assert found.sign == pytest.approx(3 / 4)  # c and d are not clear
    constant = agreement(dict.fromkeys(reference, 0.5), reference)
    assert constant is not None
    assert constant.spearman == 0
    assert agreement({"a": 1.0, "b": 0.5, "new": 0.1}, reference) is None
