"""What people see of a reading and of a mood, in both languages."""

import re
from datetime import UTC, datetime

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seollem.bot import replies
from seollem.bot.wording.locales import LANGUAGES, text
from seollem.bot.wording.why import weights_sentence
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, display_name
from seollem.scoring.explanations import explain
from seollem.scoring.fusion import Reading, fuse
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.readings import MessageReading
from seollem.scoring.turns import Contribution, Mood, Source, Turn
from seollem.vision.readings import Emotions

AT = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = Emotions.of((label, 0.9 if label == "행복" else 0.05) for label in KOTE)


def turn(leading: str = "happiness", p: float = 0.79, number: int = 1) -> Turn:
    rest = (1 - p) / (len(FACE_EMOTIONS) - 1)
    emotions = Emotions.of((name, p if name == leading else rest) for name in FACE_EMOTIONS)
    return Turn(number, Source.SELFIE, 0.5, emotions.top(8), "model-1", AT)


def mood(trend: float = 0.0, affection: float = 0.5, turns: int = 1) -> Mood:
    moved = (Contribution("happiness", 0.4), Contribution("sadness", -0.1))
    return Mood(turns, affection, affection, trend, moved)


def everything(embed: discord.Embed) -> str:
    fields = [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join([embed.title or "", embed.description or "", *fields, embed.footer.text or ""])


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_reading_shows_bars_affection_and_that_it_is_an_estimate(locale: str) -> None:
    said = everything(replies.reading(turn(), mood(), locale, conclusive=True))
    assert display_name("happiness", locale) in said
    assert "▰▰▰▰▰▰▰▰▰▱▱▱  79%" in said
    assert text("mood.percent", locale, percent="**75**") in said
    assert text("estimate", locale) in said


@pytest.mark.parametrize("locale", LANGUAGES)
def test_an_inconclusive_reading_names_no_emotion_as_the_one(locale: str) -> None:
    said = everything(replies.reading(turn(p=0.2), mood(), locale, conclusive=False))
    assert text("selfie.inconclusive", locale) in said
    assert "**" + display_name("happiness", locale) not in said


def test_several_faces_are_mentioned_and_one_is_not() -> None:
    words = text("selfie.faces", "en", count=3)
    assert words in everything(replies.reading(turn(), mood(), "en", conclusive=True, faces=3))
    alone = everything(replies.reading(turn(), mood(), "en", conclusive=True))
    assert "faces" not in alone


@pytest.mark.parametrize(
    ("trend", "key"), [(0.3, "trend.rising"), (-0.3, "trend.falling"), (0.04, "trend.steady")]
)
def test_a_trend_is_told_in_words(trend: float, key: str) -> None:
    assert text(key, "ko") in everything(replies.mood(mood(trend), "ko"))


def test_a_mood_shows_what_moved_it_in_points() -> None:
    said = everything(replies.mood(mood(turns=1234), "en"))
    assert "happiness **+20.0** · sadness **-5.0**" in said
    assert "1,234" in said


def test_a_mood_shows_its_chart() -> None:
    assert replies.mood(mood(), "en").image.url == f"attachment://{replies.CHART}"


def test_history_is_newest_first() -> None:
    listed = replies.history((turn(), turn("sadness", number=2)), "en").description or ""
    newest, oldest = listed.splitlines()
    assert newest.startswith("`2`")
    assert "sadness" in newest
    assert oldest.startswith("`1`")


@pytest.mark.parametrize("name", ["x" * 500, "**bold** @everyone"])
def test_any_name_fits_a_title(name: str) -> None:
    title = replies.mood(mood(), "en", name=name).title or ""
    assert len(title) <= 256
    assert title.startswith(name[:10])


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("label", [*FACE_EMOTIONS, *KOTE])
def test_every_emotion_has_a_name_that_markdown_does_not_eat(label: str, locale: str) -> None:
    emotions = Emotions.of([(label, 1.0)])
    shown = Turn(1, Source.MESSAGE, 0.0, emotions, "model-1", AT)
    said = everything(replies.reading(shown, mood(), locale, conclusive=True))
    assert display_name(label, locale) in discord.utils.remove_markdown(said)


def fused() -> Turn:
    emotions = fuse(turn().emotions, WORDS)
    return Turn(2, Source.BOTH, 0.5, emotions.top(8), "model-1 + text-1", AT, other_probability=0.2)


def test_what_a_face_and_words_are_called_alike_is_told_apart() -> None:
    said = everything(replies.reading(fused(), mood(), "ko", conclusive=True))
    assert "📷 행복" in said
    assert "💬 행복" in said
    assert text("both.title", "ko") in said


@given(st.floats(0, 1))
def test_what_a_face_and_words_count_for_adds_up_as_it_is_shown(face_part: float) -> None:
    shown = re.findall(r"(\d+)%", weights_sentence(face_part, "en"))
    assert sum(map(int, shown)) == 100


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_turn_is_headed_and_listed_by_the_emotion_that_leads_it(locale: str) -> None:
    emotions = Emotions.of({"화남/분노": 0.09, "neutral": 0.13, "짜증": 0.08})
    angry = Turn(2, Source.BOTH, -0.5, emotions, "model-1 + text-1", AT, other_probability=0.7)
    embed = replies.reading(angry, mood(), locale, conclusive=True, face_part=0.14)
    heading, weights, _, first, *_ = (embed.description or "").splitlines()
    name = f"💬 {display_name('화남/분노', locale)}"
    assert heading == text("both.leading", locale, emotion=name)
    assert weights == text("both.weights", locale, face="14%", words="86%")
    assert first.endswith(name)
    assert f"{name} 9%" in (replies.history((angry,), locale).description or "")


def test_what_a_mood_owes_to_one_name_counts_together() -> None:
    moved = (Contribution("happiness", 0.2), Contribution("anger", -0.3), Contribution("행복", 0.2))
    said = everything(replies.mood(Mood(2, 0.1, 0.1, 0.0, moved), "ko"))
    assert "행복 **+20.0** · 분노 **-15.0**" in said


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_message_is_told_in_one_line(locale: str) -> None:
    present = ("행복", "기쁨", "즐거움/신남", "고마움")
    read = Reading(message=MessageReading(WORDS, ("없음", *present), True, "text-1"))
    line = replies.message(read, turn(), mood(), locale)
    assert ", ".join(display_name(label, locale) for label in present[:3]) in line
    assert display_name("고마움", locale) not in line
    assert display_name("없음", locale) not in line
    assert "**75" in line
    assert "\n" not in line


def test_a_message_in_which_nothing_stands_out_names_no_feeling() -> None:
    read = Reading(message=MessageReading(WORDS, ("없음",), False, "text-1"))
    line = replies.message(read, turn(), mood(), "en")
    assert text("message.nothing", "en") in line
    assert "no emotion" not in line


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("before", [None, 0.1])
def test_why_shows_parts_weights_and_a_sum_that_is_right(locale: str, before: float | None) -> None:
    weights = LabelWeights.load()
    why = explain([turn(), fused()], mood(turns=2), before, weights)
    said = everything(replies.why(why, locale))
    assert f"{weights['happiness']:+.2f}" in said
    assert text("why.rest", locale) in said
    moved = [float(row.split("`")[1]) for row in said.splitlines() if row.startswith("`")]
    assert sum(moved) == pytest.approx(25.0, abs=0.5)  # each is rounded
    assert "50 +25.0 = **75**" in said


@given(st.floats(0, 1))
def test_a_bar_is_as_long_as_its_cells_and_shows_what_there_is(share: float) -> None:
    bar = replies.bar(share)
    assert len(bar) == len(replies.bar(1.0))
    assert ("▰" in bar) == (share >= 0.01)


def test_emotions_of_less_than_a_per_cent_are_left_out() -> None:
    said = everything(replies.reading(turn(p=0.999), mood(), "en", conclusive=True))
    assert "happiness" in said
    assert "sadness" not in said


@pytest.mark.parametrize("locale", LANGUAGES)
def test_everything_fits_discords_limits(locale: str) -> None:
    turns = tuple(turn(number=1_000_000 + n) for n in range(15))
    for embed in (
        replies.reading(turn(), mood(), locale, conclusive=False, faces=43, name="x" * 32),
        replies.reading(fused(), mood(), locale, conclusive=True, problem="x" * 300),
        replies.why(explain([fused()] * 10, mood(), 0.1, LabelWeights.load()), locale),
        replies.mood(mood(), locale, name="x" * 32),
        replies.history(turns, locale),
        replies.consent_notice(locale, opening=text("consent.needed", locale)),
        replies.privacy(locale, agreed=False, turns=1_000_000),
    ):
        assert len(embed) <= 6000
        assert len(embed.description or "") <= 4096
        assert all(len(field.value or "") <= 1024 for field in embed.fields)
