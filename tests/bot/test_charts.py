"""Charts are pictures of the right size with Hangul in them, for one turn as for a thousand."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seollem.bot.charts import mood_chart, running_affection
from seollem.bot.wording.colours import colour_of
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, display_name
from seollem.scoring.turns import Mood, Source, Turn
from seollem.vision.readings import Emotions
from seollem.vision.style import FONT

affections = st.lists(st.floats(min_value=-1, max_value=1), min_size=1, max_size=50)


def turns_of(values: list[float]) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            number=t,
            source=Source.SELFIE,
            affection=affection,
            emotions=Emotions.of({FACE_EMOTIONS[t % 8]: 0.7, FACE_EMOTIONS[(t + 1) % 8]: 0.3}),
            model="test",
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for t, affection in enumerate(values, start=1)
    )


def mood_of(values: list[float]) -> Mood:
    """By the formula itself: Σ t·A_t / Σ t."""
    total = sum(t * a for t, a in enumerate(values, start=1))
    count = len(values)
    return Mood(count, 2 * total / (count * (count + 1)), total / count, 0.0, ())


def pixels(chart: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(chart)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGBA"))


@pytest.mark.parametrize("count", [1, 2, 3, 60, 61, 1000])
@pytest.mark.parametrize("locale", ["ko", "en"])
def test_any_number_of_turns_makes_a_picture_of_the_same_size(count: int, locale: str) -> None:
    values = [np.sin(t) for t in range(count)]
    assert pixels(mood_chart(turns_of(values), locale=locale)).shape == (440, 800, 4)


def test_the_two_languages_differ_only_in_their_words() -> None:
    turns = turns_of([0.1, 0.5, -0.4])
    korean = pixels(mood_chart(turns, locale="ko"))
    english = pixels(mood_chart(turns, locale="en"))
    plot = np.s_[110:330, 100:760]  # between the caption and the legend
    assert not np.array_equal(korean, english)
    assert np.array_equal(korean[plot], english[plot])


def test_the_font_knows_every_emotion_s_name() -> None:
    from fontTools.ttLib import TTFont

    known = TTFont(FONT).getBestCmap()
    for label in (*FACE_EMOTIONS, *KOTE):
        for locale in ("ko", "en"):
            assert all(ord(sign) in known for sign in display_name(label, locale))


def test_a_feeling_has_its_family_s_colour_whether_a_face_or_words_show_it() -> None:
    pairs = (
        ("happiness", "행복"),
        ("sadness", "슬픔"),
        ("anger", "화남/분노"),
        ("neutral", "없음"),
    )
    for face, words in pairs:
        assert colour_of(face) == colour_of(words) != colour_of("of no family")


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_long_names_stay_on_the_card(locale: str) -> None:
    longest = sorted(KOTE, key=lambda label: -len(display_name(label, locale)))[:5]
    turns = [
        replace(turn, emotions=Emotions.of({label: 0.9}))
        for turn, label in zip(turns_of([0.1] * 5), longest, strict=True)
    ]
    legend = pixels(mood_chart(turns, locale=locale))[390:415]  # above the round corners
    card = legend[0, 400]
    assert (legend[:, 20:760] != card).any()
    assert (legend[:, 784:] == card).all()


def test_the_corners_are_round_so_that_any_theme_shows_through() -> None:
    chart = pixels(mood_chart(turns_of([0.2]), locale="en"))
    assert chart[0, 0, 3] == 0
    assert chart[220, 400, 3] == 255


def test_threads_draw_side_by_side() -> None:
    turns = turns_of([0.3, -0.2, 0.9])
    with ThreadPoolExecutor(4) as pool:
        charts = set(pool.map(lambda _: mood_chart(turns, locale="ko"), range(8)))
    assert len(charts) == 1


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one turn"):
        mood_chart((), locale="en")


@given(affections)
def test_the_line_is_the_conversation_s_affection_after_each_turn(values: list[float]) -> None:
    line = running_affection(turns_of(values))
    assert line == pytest.approx(
        [mood_of(values[:t]).affection for t in range(1, len(values) + 1)], abs=1e-9
    )


@given(affections, st.data())
def test_the_end_of_a_conversation_has_the_line_of_the_whole(
    values: list[float], data: st.DataObject
) -> None:
    start = data.draw(st.integers(min_value=0, max_value=len(values) - 1))
    turns = turns_of(values)
    line = running_affection(turns[start:], mood_of(values))
    assert line == pytest.approx(running_affection(turns)[start:], abs=1e-9)
