"""What becomes a turn, and which of its words are read."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seollem.bot.wording.words import words_of


@pytest.mark.parametrize(
    "message",
    [
        "ㅇㅇ", "ㅋㅋㅋㅋ", "ㅠㅠ", "응", "네네", "아니", "헐", "와아아", "하하하하", "오케이!",
        "ㅇㅋ ㅋㅋ 넵", "ok", "OK!!", "k", "lol", "LOLLL", "yesss", "nope", "hahaha", "ahahah",
        "hi", "gg", "haha ok",
    ],
)  # fmt: skip
def test_a_very_short_message_is_no_turn(message: str) -> None:
    assert words_of(message) is None


@pytest.mark.parametrize(
    "message", ["좋아", "싫어", "sad", "ily", "오 좋아", "ok love you", "no way"]
)
def test_a_short_message_that_says_something_is_a_turn(message: str) -> None:
    assert words_of(message) == message


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("😍😍", "😍😍"),
        ("💔", "💔"),
        ("<3", "<3"),
        ("ㅅㄹㅎ", "ㅅㄹㅎ"),
        ("ㄲㅈ ㅋㅋ", "ㄲㅈ ㅋㅋ"),
        ("<:love:123> <a:party:456>", "love party"),
        ("Ｉ ｌｏｖｅ ｙｏｕ", "Ｉ ｌｏｖｅ ｙｏｕ"),
        ("𝐦𝐢𝐬𝐬 𝐲𝐨𝐮", "𝐦𝐢𝐬𝐬 𝐲𝐨𝐮"),
    ],
)
def test_feelings_without_plain_words_are_a_turn(message: str, words: str) -> None:
    assert words_of(message) == words


def test_a_line_of_millions_of_characters_takes_no_time() -> None:
    before = time.process_time()
    assert words_of("사랑해 " * 1_000_000) is not None
    assert time.process_time() - before < 2.0


@pytest.mark.parametrize(
    "message",
    [
        "/mood", "/기분", "!play 좋은 노래", "!재생 노래", "?help me", ".ban somebody",
        "$daily now", "-p some song", "+queue this", "m!p something", "%도움말 보기",
        "<@1> !play something",
    ],
)  # fmt: skip
def test_a_command_for_any_bot_is_no_turn(message: str) -> None:
    assert words_of(message) is None


@pytest.mark.parametrize(
    "message",
    [
        "...아니 진짜 왜", "-_- 짜증나", "~했어 드디어", "?뭐라고 진짜", "- 좋은 점",
        "$100 벌어서 행복해", "!! 대박이다", "*hugs you*", ":) so happy", "오늘은 /기분 좋은 날",
    ],
)  # fmt: skip
def test_a_sign_in_front_does_not_make_a_command_of_what_people_say(message: str) -> None:
    assert words_of(message) == message


@pytest.mark.parametrize(
    "message",
    [
        "", " \n\t", "https://example.com/사랑해", "<https://example.com> http://b.c",
        "<@12> <@!3> <#4>", "@everyone", "> 인용한 말",
        ">>> 인용\n둘째 줄", "||숨긴 말이야||", "```py\nprint('I love you')\n```", "`x = love`",
        "😂😂", "👍", "ㅠㅠ ✅", "12345", "!?", "<t:1700000000:R>",
    ],
)  # fmt: skip
def test_what_is_not_people_s_own_words_alone_is_no_turn(message: str) -> None:
    assert words_of(message) is None


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("> 넌 최악이야\n나는 네가 좋은데", "나는 네가 좋은데"),
        ("  > 넌 최악이야\n나는 네가 좋은데\n >>> 아니야", "나는 네가 좋은데"),
        ("||숨긴 말\n> 인용||\n나는 네가 좋은데", "나는 네가 좋은데"),
        ("나는 좋은데\n>>> 넌 최악이야\n진짜로", "나는 좋은데"),
        ("이거 봐 https://a.b/c?d=(e 너무 웃겨", "이거 봐 (e 너무 웃겨"),
        ("[이 노래](https://a.b/c) 정말 좋아", "이 노래 정말 좋아"),
        ("<@12> 보고 싶어 <:blob_heart:34>", "보고 싶어 blob heart"),
        ("`rm -rf` 때문에 망했어", "때문에 망했어"),
        ("```\ncode\n```\nfinally it works", "finally it works"),
        ("결말이 ||다 죽는|| 거라 슬퍼", "결말이 거라 슬퍼"),
        ("보고 싶어 ㅠㅠ 😭", "보고 싶어 ㅠㅠ 😭"),
        ("two  lines\r\n\r\nof words", "two lines\nof words"),
        ("a > b and 1 > 0, fine", "a > b and 1 > 0, fine"),
    ],
)
def test_only_people_s_own_words_are_read(message: str, words: str) -> None:
    assert words_of(message) == words


@pytest.mark.parametrize(
    "message", ["你好，我很喜欢你", "привет как дела", "مرحبا بك", "\u202e\u200b\x00"]
)
def test_what_no_letter_of_the_two_languages_is_in_is_no_turn(message: str) -> None:
    assert words_of(message) is None


def test_hangul_is_known_however_it_is_composed() -> None:
    assert words_of(unicodedata.normalize("NFD", "사랑해")) == "사랑해"


@given(st.text(max_size=300))
def test_any_message_has_words_without_blanks_around_them_or_none(message: str) -> None:
    words = words_of(message)
    assert words is None or words.strip() == words != ""


@pytest.mark.parametrize(
    "piece",
    [
        "`", "` ", "```", "[", "[](https://", "<a:", "<t", "||a", "> ", ">>> \n", "ha", "ah",
        "http://", "a'", "\n", "\ud800", "가", "hj", ":",
    ],
)  # fmt: skip
@pytest.mark.parametrize("opening", ["", "<t:"])
def test_a_huge_message_takes_no_time(opening: str, piece: str) -> None:
    message = opening + piece * (100_000 // len(piece)) + "!"
    before = time.process_time()
    words_of(message)
    assert time.process_time() - before < 2.0
