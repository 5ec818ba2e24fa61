"""The texts: complete in both languages, within Discord's limits, and one for every error."""

import inspect
import re
import string

import pytest

import seollem.bot.errors
import seollem.vision.errors
from seollem.bot.inference import Busy
from seollem.bot.terminal.dialogue import COMMANDS
from seollem.bot.wording import locales
from seollem.bot.wording.consent import NOTICE_KEYS, TERMINAL_KEYS, notice
from seollem.bot.wording.failures import answer, explanation
from seollem.vision.errors import AmbiguousFaces, BrokenWeights, SelfieError

ENGLISH, KOREAN = locales.texts("en"), locales.texts("ko")
HANGUL = re.compile("[가-힣]")


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(ENGLISH) == list(KOREAN)


@pytest.mark.parametrize("key", ENGLISH)
def test_both_languages_fill_the_same_placeholders(key: str) -> None:
    assert placeholders(ENGLISH[key]) == placeholders(KOREAN[key])


@pytest.mark.parametrize(
    "key", [k for k in KOREAN if not k.startswith("source.") and k != "history.line"]
)
def test_korean_is_written_in_hangul_and_english_is_not(key: str) -> None:
    assert HANGUL.search(KOREAN[key])
    assert not HANGUL.search(ENGLISH[key])


@pytest.mark.parametrize("key", [k for k in ENGLISH if k.startswith("command.")])
def test_command_texts_are_what_discord_takes(key: str) -> None:
    for texts in (ENGLISH, KOREAN):
        if key.endswith(".description"):
            assert len(texts[key]) <= 100
        elif key != "command.score.name":  # a menu's name may have spaces and capitals
            assert re.fullmatch(r"[-_\w]{1,32}", texts[key])
            assert texts[key] == texts[key].lower()


@pytest.mark.parametrize("key", [k for k in ENGLISH if k.startswith("button.")])
def test_buttons_have_short_labels(key: str) -> None:
    assert all(len(texts[key]) <= 40 for texts in (ENGLISH, KOREAN))


@pytest.mark.parametrize(
    ("locale", "language"), [("ko", "ko"), ("ko-KR", "ko"), ("en-US", "en"), ("de", "en")]
)
def test_every_locale_has_a_language(locale: str, language: str) -> None:
    assert locales.language(locale) == language


@pytest.mark.parametrize("locale", locales.LANGUAGES)
def test_the_notice_says_all_it_must_and_fits_an_embed(locale: str) -> None:
    said = notice(locale)
    assert all(locales.text(key, locale) in said for key in NOTICE_KEYS)
    assert len(said) < 3000


@pytest.mark.parametrize("locale", locales.LANGUAGES)
def test_the_notice_in_the_terminal_speaks_of_what_there_is_in_a_terminal(locale: str) -> None:
    said = notice(locale, TERMINAL_KEYS)
    assert len(TERMINAL_KEYS) == len(NOTICE_KEYS)
    named = [COMMANDS[word] for word in re.findall(r"`/(\w+)", said)]
    assert sorted(named) == ["erase", "export", "forget", "withdraw"]
    for word in ("Discord", "ID", "channel", "admin", "share", "채널", "관리자", "봇", "공유"):
        assert word not in said


def test_every_error_of_a_picture_or_a_person_has_its_own_text() -> None:
    modules = (seollem.vision.errors, seollem.bot.errors)
    told_to_operators = (
        seollem.bot.errors.StartError,
        seollem.bot.errors.HostConflict,
        seollem.vision.errors.ModelError,
    )
    errors = {
        cls.__name__
        for module in modules
        for cls in vars(module).values()
        if inspect.isclass(cls)
        and cls.__module__ == module.__name__
        and not cls.__subclasses__()
        # told once, to who starts the bot or loads the extension; or like their base
        and not issubclass(cls, told_to_operators)
    }
    assert {"NoFaceFound", "NotYours"} < errors
    others = {"Busy", "ModelError", "BrokenWeights", "LabelError"}
    assert {f"error.{name}" for name in errors | others} <= set(ENGLISH)


def test_an_error_is_told_with_its_own_details() -> None:
    error = AmbiguousFaces("two faces", count=2)
    assert "2 faces" in (explanation(error, "en") or "")
    assert "2개" in (explanation(error, "ko") or "")


def test_a_new_kind_of_an_error_is_told_like_its_base() -> None:
    class Melted(BrokenWeights):
        pass

    assert explanation(Melted(), "en") == explanation(BrokenWeights(), "en")
    assert explanation(Busy(), "ko") != explanation(BrokenWeights(), "ko")


def test_an_unforeseen_error_is_logged_under_the_number_that_people_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert explanation(SelfieError("?"), "en") is None
    told = answer(ZeroDivisionError("secret detail"), "en")
    [record] = caplog.records
    incident = record.getMessage().removeprefix("incident ")
    assert incident in told
    assert "secret detail" not in told
    assert record.exc_info is not None
