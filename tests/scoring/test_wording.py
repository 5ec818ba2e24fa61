import pytest
from hypothesis import given
from hypothesis import strategies as st

from seollem.scoring.wording import MAX_CHARACTERS, is_readable, tidy, without_laughter


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_string_becomes_one_line_that_can_be_written_down(message: str) -> None:
    text = tidy(message)
    assert text == text.strip()
    assert "\n" not in text
    text.encode("utf-8")
    assert tidy(text) == text


def test_a_hundred_thousand_characters_are_cut() -> None:
    assert len(tidy("사랑해 " * 25_000)) <= MAX_CHARACTERS
    assert tidy("ㅋ" * 100_000) == "ㅋㅋㅋ"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("  고마워\n\n정말\t", "고마워 정말"),
        ("\u202e고마워\u202c\x00\x07", "고마워"),
        ("한\ud800글", "한글"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u1112\u1160\u1161\u11ab", "한"),
        ("\u3164\u115f\u1160 \uffa0\u2800", ""),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("Ｉ ｌｏｖｅ ｙｏｕ", "I love you"),
        ("𝐈 𝐥𝐨𝐯𝐞 𝐲𝐨𝐮", "I love you"),
        ("I l\u043eve y\u043eu", "I love you"),
        ("사\u200b랑\u200d해", "사랑해"),
        ("ㅋㅋ ㅠㅠ", "ㅋㅋ ㅠㅠ"),
        ("привет", "привет"),
    ],
)
def test_what_cannot_be_seen_goes_and_the_rest_is_composed(message: str, text: str) -> None:
    assert tidy(message) == text


@pytest.mark.parametrize(
    "text", ["고마워", "thank you", "😭", "ㅠㅠ", "Danke schön", "안녕 мир 친구"]
)
def test_hangul_latin_and_emoji_are_read(text: str) -> None:
    assert is_readable(text)


@pytest.mark.parametrize("text", ["", "…!?", "1234", "привет", "مرحبا", "こんにちは", "你好世界"])
def test_nothing_and_other_scripts_are_not(text: str) -> None:
    assert not is_readable(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("너 진짜 한심하다 ㅋㅋㅋ", "너 진짜 한심하다"),
        ("you are so dumb lol", "you are so dumb"),
        ("HAHAHA shut up 😂😂", "shut up"),
        ("ㅋㅋㅋㅋ", None),
        ("오늘 좋았어", None),
        ("a lolly for hahn", None),
    ],
)
def test_laughter_is_told_from_words(text: str, words: str | None) -> None:
    assert without_laughter(text) == words
