import random

from seollem.training.messages.augment import EMOJI, as_typed


def _many(text: str, labels: tuple[str, ...] = (), count: int = 400) -> set[str]:
    rng = random.Random(5)
    return {as_typed(text, rng, labels) for _ in range(count)}


def test_the_same_seed_types_the_same() -> None:
    assert as_typed("정말 안 돼요!", random.Random(3)) == as_typed(
        "정말 안 돼요!", random.Random(3)
    )


def test_spaces_go_slang_comes_and_words_are_misspelt() -> None:
    typed = _many("너무 고마워 정말 안 돼요!")
    assert any("정말안" in text for text in typed)
    assert any("땡큐" in text or "ㄱㅅ" in text for text in typed)
    assert any("되요" in text for text in typed)


def test_laughter_grows_and_shrinks_and_none_is_added() -> None:
    lengths = {text.count("ㅋ") for text in _many("웃겨 ㅋㅋㅋㅋ")}
    assert min(lengths) == 1 < max(lengths)
    assert not any("ㅋ" in text or "ㅠ" in text for text in _many("조용한 하루"))


def test_english_keeps_its_spaces() -> None:
    assert all(" " in text for text in _many("are you there"))


def test_an_emoji_is_one_of_what_is_felt() -> None:
    typed = _many("그래", ("화남/분노",))
    assert any(text[-1] in "".join(EMOJI["화남/분노"]) for text in typed)
    assert not any(emoji in text for text in typed for emoji in EMOJI["기쁨"])
