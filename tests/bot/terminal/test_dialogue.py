"""The terminal's conversation, with a real memory and stand-ins that read without a model.

The stand-ins' readings are checked against the real models' in tests/acceptance.
"""

import asyncio
import dataclasses
import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy
from rich.cells import cell_len

from checkout import PORTRAITS
from seollem.bot.errors import ConsentNeeded
from seollem.bot.inference import Inference
from seollem.bot.parts import Parts, build_parts
from seollem.bot.settings import Settings
from seollem.bot.terminal.dialogue import Dialogue
from seollem.bot.terminal.outcomes import (
    Explained,
    Failed,
    HistoryShown,
    MoodShown,
    Said,
    Scored,
    as_json,
)
from seollem.bot.terminal.prose import as_text
from seollem.bot.terminal.screen import Style
from seollem.bot.wording.consent import NOTICE_VERSION, TERMINAL_KEYS, notice
from seollem.bot.wording.locales import text
from seollem.db.engine import create_engine
from seollem.db.people import People
from seollem.scoring.emotions import KOTE, display_name
from seollem.scoring.readings import MessageReading
from seollem.scoring.turns import Source
from seollem.vision.errors import AmbiguousFaces, BrokenWeights, NoFaceFound
from seollem.vision.readings import Box, Emotions, FaceReading, SelfieReading

SELFIE = PORTRAITS / "astronaut.jpg"
HAPPY = Emotions.of(
    {"neutral": 0.1, "happiness": 0.8, "surprise": 0.05, "sadness": 0.01, "anger": 0.01,
     "disgust": 0.01, "fear": 0.01, "contempt": 0.01}
)  # fmt: skip
SAD = Emotions.of({**HAPPY, "happiness": 0.01, "sadness": 0.8})
FOND = Emotions.of({label: 0.9 if label in ("아껴주는", "기쁨") else 0.02 for label in KOTE})


class StandIn:
    """Answers with the readings it was given, in turn, and counts the pictures it saw."""

    def __init__(self, *answers: Emotions | Exception) -> None:
        self.answers = list(answers)
        self.seen: list[bytes] = []

    def read(self, data: bytes, labels: Sequence[str] | None = None) -> SelfieReading:
        self.seen.append(data)
        answer = self.answers[min(len(self.seen), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return SelfieReading((FaceReading(Box(0, 0, 9, 9), 0.9, answer, True),), 0, "stand-in")

    def close(self) -> None:
        """Nothing to close."""


class TextStandIn:
    """Finds every message fond and glad, or as it is told, and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.answer: MessageReading | Exception = MessageReading(
            FOND, ("아껴주는", "기쁨"), True, "text-stand-in"
        )

    def read(self, messages: Sequence[str]) -> tuple[MessageReading, ...]:
        self.seen += messages
        if isinstance(self.answer, Exception):
            raise self.answer
        return tuple(self.answer for _ in messages)


@pytest.fixture
def analyzer() -> StandIn:
    return StandIn(HAPPY, SAD)


@pytest.fixture
def classifier() -> TextStandIn:
    return TextStandIn()


@pytest.fixture
async def parts(tmp_path: Path, analyzer: StandIn, classifier: TextStandIn) -> AsyncIterator[Parts]:
    url = f"sqlite:///{tmp_path / 'memory.db'}"
    built = await build_parts(Settings(_env_file=None, database_url=url))  # type: ignore[call-arg]
    inference = Inference(
        load=lambda: analyzer,  # type: ignore[arg-type, return-value]
        load_text=lambda: classifier,  # type: ignore[arg-type, return-value]
        queue_size=4,
    )
    parts = dataclasses.replace(built, inference=inference)
    yield parts
    await parts.close()


@pytest.fixture
async def dialogue(parts: Parts) -> Dialogue:
    dialogue = Dialogue(parts=parts, user="local:하나", locale="en")
    await dialogue.agree()
    return dialogue


async def test_nothing_is_read_before_the_person_agreed(parts: Parts, analyzer: StandIn) -> None:
    outcome = await Dialogue(parts=parts, user="local:new", locale="en").reply(str(SELFIE))
    assert isinstance(outcome, Failed)
    assert type(outcome.error).__name__ == "ConsentNeeded"
    assert analyzer.seen == []
    assert await parts.people.count_turns("local:new") == 0


async def test_a_selfie_becomes_a_turn_and_a_mood(dialogue: Dialogue, analyzer: StandIn) -> None:
    outcome = await dialogue.reply(str(SELFIE))
    assert isinstance(outcome, Scored)
    assert analyzer.seen == [SELFIE.read_bytes()]
    assert (outcome.turn.number, outcome.mood.turns) == (1, 1)
    mood = await dialogue.reply("/mood")
    assert isinstance(mood, MoodShown)
    assert mood.mood == outcome.mood


async def test_every_answer_as_json_has_the_same_keys(dialogue: Dialogue) -> None:
    lines = [str(SELFIE), "hello you", "/mood", "/history", "/why", "ok", "/nonsense", "/help"]
    answers = [a for line in lines for a in as_json(await dialogue.reply(line), "en")]
    keys = {"turn", "source", "affection", "percent", "emotions", "conversation", "error"}
    for answer in answers:
        assert keys <= answer.keys()
        assert answer["conversation"].keys() == {"turns", "affection", "percent"}
        json.dumps(answer)
    assert [a["turn"] for a in answers] == [1, 2, None, 1, 2, 2, None, None, None]
    assert [a["source"] for a in answers][:3] == ["selfie", "message", "command"]
    assert [a["error"] and a["error"]["type"] for a in answers][-3:] == [
        "NothingToRead",
        "UnknownCommand",
        None,
    ]


@pytest.mark.parametrize(
    "line",
    ["/help", "/privacy", "/export", "/erase", "/withdraw", "/forget 9", "/nonsense", "ok",
     "gone.jpg", "/selfie"],
)  # fmt: skip
async def test_every_answer_as_json_tells_where_the_conversation_stands(
    line: str, dialogue: Dialogue
) -> None:
    [scored] = as_json(await dialogue.reply(str(SELFIE)), "en")
    [answer] = as_json(await dialogue.reply(line), "en")
    assert answer["conversation"] == scored["conversation"]
    assert answer["conversation"]["turns"] == 1
    assert answer["affection"] is None
    await dialogue.reply("/erase yes")
    [answer] = as_json(await dialogue.reply(line), "en")
    assert answer["conversation"] == {"turns": 0, "affection": None, "percent": None}


async def test_a_conversation_that_cannot_be_looked_up_is_null_and_not_empty(
    dialogue: Dialogue, parts: Parts
) -> None:
    await dialogue.reply(str(SELFIE))
    async with parts.database.begin() as connection:
        await connection.execute(sqlalchemy.text("DROP TABLE seollem_turns"))
    for line in (str(SELFIE), "/help"):
        [answer] = as_json(await dialogue.reply(line), "en")
        assert answer["conversation"] == {"turns": None, "affection": None, "percent": None}
    assert answer["error"] is None


async def test_without_a_conversation_every_command_still_answers_with_one_object(
    dialogue: Dialogue,
) -> None:
    for line in ("/mood", "/history", "/why"):
        [answer] = as_json(await dialogue.reply(line), "en")
        assert (answer["turn"], answer["conversation"]["turns"]) == (None, 0)


@pytest.mark.parametrize("locale", ["en", "ko"])
async def test_an_empty_mood_asks_for_a_picture_in_the_terminal_s_own_way(
    locale: str, dialogue: Dialogue
) -> None:
    for line in ("/mood", "/history", "/why"):
        shown = as_text(await dialogue.reply(line), Style(locale=locale))
        assert "/" not in shown
        assert all(cell_len(row) <= 80 for row in shown.splitlines())


@pytest.mark.parametrize("line", ["/why 3", "/history 3", "/mood x", "/기분 3", "/export a.json"])
async def test_what_a_command_does_not_take_is_refused_with_a_word_on_its_use(
    line: str, dialogue: Dialogue
) -> None:
    await dialogue.reply(str(SELFIE))
    outcome = await dialogue.reply(line)
    assert isinstance(outcome, Failed)
    assert f"{line.split()[0]} alone" in as_text(outcome, Style(locale="en"))


async def test_withdrawing_works_whatever_else_is_typed(dialogue: Dialogue) -> None:
    await dialogue.reply("/withdraw please")
    assert dialogue.has_withdrawn
    assert not await dialogue.has_agreed()
    await dialogue.agree()
    assert not dialogue.has_withdrawn


@pytest.mark.parametrize("line", ["/help", "/privacy", "/erase", "/nonsense"])
async def test_answers_as_json_hold_no_markdown(line: str, dialogue: Dialogue) -> None:
    [answer] = as_json(await dialogue.reply(line), "en")
    words = answer.get("text") or answer["error"]["message"]
    assert words
    assert "**" not in words
    assert "`" not in words


def floats(data: object) -> Iterator[float]:
    """All of them, however deep in JSON."""
    if isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from floats(value)
    elif isinstance(data, float):
        yield data


@pytest.mark.parametrize("line", [str(SELFIE), "오늘 정말 설렜어", f"/selfie {SELFIE} 정말 설렜어"])
async def test_why_adds_up_to_the_score_and_tells_how_the_conversation_moved(
    line: str, dialogue: Dialogue
) -> None:
    first = await dialogue.reply(str(SELFIE))
    await dialogue.reply(line)
    outcome = await dialogue.reply("/why")
    assert isinstance(first, Scored)
    assert isinstance(outcome, Explained)
    why = outcome.why
    assert why.turn.number == 2
    assert why.before == pytest.approx(first.mood.affection, abs=1e-9)
    [answer] = as_json(outcome, "en")
    told = answer["why"]["mood"]
    assert sum(told["emotions"].values()) + told["rest"] == pytest.approx(told["mean"], abs=1e-9)
    moved = sum(factor["moved"] for factor in answer["why"]["emotions"].values())
    assert moved + answer["why"]["rest"] == pytest.approx(answer["affection"], abs=1e-9)
    assert all(round(figure, 4) == figure for figure in floats(answer))


async def test_a_message_becomes_a_turn_in_the_same_history(
    dialogue: Dialogue, classifier: TextStandIn
) -> None:
    await dialogue.reply(str(SELFIE))
    outcome = await dialogue.reply("  오늘 정말 설렜어 https://example.com ")
    assert isinstance(outcome, Scored)
    assert classifier.seen == ["오늘 정말 설렜어"]
    assert (outcome.turn.number, outcome.turn.source) == (2, Source.MESSAGE)
    assert outcome.turn.other_probability == pytest.approx(36 * 0.02)
    assert "fondness" in as_text(outcome, Style(locale="en"))
    [answer] = as_json(outcome, "en")
    assert len(answer["emotions"]) == 44
    history = await dialogue.reply("/history")
    assert isinstance(history, HistoryShown)
    assert [turn.source for turn in history.turns] == ["selfie", "message"]


async def test_a_selfie_with_words_is_one_turn_with_both(
    dialogue: Dialogue, classifier: TextStandIn
) -> None:
    outcome = await dialogue.reply(f"/selfie '{SELFIE}' 오늘 정말 설렜어")
    assert isinstance(outcome, Scored)
    assert (outcome.turn.number, outcome.turn.source) == (1, Source.BOTH)
    assert classifier.seen == ["오늘 정말 설렜어"]
    [answer] = as_json(outcome, "en")
    assert sum(answer["emotions"].values()) == pytest.approx(1.0, abs=0.003)  # 52, rounded
    shown = as_text(outcome, Style(locale="en"))
    assert "📷 happiness" in shown
    assert "💬 fondness" in shown
    assert "the face 47%, the words 53%" in shown


@pytest.mark.parametrize("locale", ["en", "ko"])
async def test_angry_words_below_a_neutral_face_are_what_the_turn_is_named_for(
    locale: str, parts: Parts, analyzer: StandIn, classifier: TextStandIn
) -> None:
    dialogue = Dialogue(parts=parts, user="local:하나", locale=locale)
    await dialogue.agree()
    analyzer.answers = [Emotions.of({**HAPPY, "happiness": 0.1, "neutral": 0.8})]
    shades = {"화남/분노": 0.7, "짜증": 0.6, "불평/불만": 0.6, "증오/혐오": 0.5}
    angry = Emotions.of({label: shades.get(label, 0.05) for label in KOTE})
    classifier.answer = MessageReading(angry, ("화남/분노", "짜증"), True, "text-stand-in")
    shown = as_text(await dialogue.reply(f"/selfie {SELFIE} 정말 화난다"), Style(locale=locale))
    anger = display_name("화남/분노", locale)
    heading, _, first, *_ = shown.splitlines()
    assert f"💬 {anger}" in heading
    assert f"💬 {anger}" in first
    assert anger in as_text(await dialogue.reply("/history"), Style(locale=locale))


async def test_a_picture_without_a_face_leaves_the_words_and_says_so(
    dialogue: Dialogue, analyzer: StandIn
) -> None:
    analyzer.answers = [NoFaceFound("no face")]
    outcome = await dialogue.reply(f"/selfie {SELFIE} 오늘 정말 설렜어")
    assert isinstance(outcome, Scored)
    assert outcome.turn.source is Source.MESSAGE
    assert "no face" in as_text(outcome, Style(locale="en"))
    [answer] = as_json(outcome, "en")
    assert (answer["turn"], answer["error"]["type"]) == (1, "NoFaceFound")


BROKEN = BrokenWeights("no such folder")


@pytest.mark.parametrize("locale", ["en", "ko"])
async def test_words_that_no_model_can_read_leave_the_face_and_it_is_said(
    locale: str, parts: Parts, classifier: TextStandIn
) -> None:
    classifier.answer = BROKEN
    dialogue = Dialogue(parts=parts, user="local:하나", locale=locale)
    await dialogue.agree()
    outcome = await dialogue.reply(f"/selfie {SELFIE} 오늘 정말 설렜어")
    assert isinstance(outcome, Scored)
    assert (outcome.turn.source, outcome.mood.turns) == (Source.SELFIE, 1)
    shown = as_text(outcome, Style(locale=locale))
    assert text("selfie.alone", locale) in shown
    assert "seollem doctor" in shown
    [answer] = as_json(outcome, locale)
    assert (answer["turn"], answer["error"]["type"]) == (1, "BrokenWeights")
    assert answer["error"]["message"].startswith(text("selfie.alone", locale))


async def test_a_face_that_no_model_can_read_leaves_the_words_and_it_is_said(
    dialogue: Dialogue, analyzer: StandIn
) -> None:
    analyzer.answers = [BROKEN]
    outcome = await dialogue.reply(f"/selfie {SELFIE} 오늘 정말 설렜어")
    assert isinstance(outcome, Scored)
    assert outcome.turn.source is Source.MESSAGE
    assert text("message.alone", "en") in as_text(outcome, Style(locale="en"))


async def test_where_neither_half_can_be_read_the_picture_s_problem_is_told(
    dialogue: Dialogue, analyzer: StandIn, classifier: TextStandIn
) -> None:
    analyzer.answers, classifier.answer = [NoFaceFound("no face")], BROKEN
    outcome = await dialogue.reply(f"/selfie {SELFIE} 오늘 정말 설렜어")
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, NoFaceFound)


async def test_words_too_short_to_read_are_left_out_of_a_selfie(dialogue: Dialogue) -> None:
    outcome = await dialogue.reply(f"/selfie {SELFIE} ㅋㅋ")
    assert isinstance(outcome, Scored)
    assert outcome.turn.source is Source.SELFIE


async def test_what_is_no_turn_is_told_so_and_shown_to_no_model(
    dialogue: Dialogue, classifier: TextStandIn
) -> None:
    for line in ("ㅇㅇ", "ok", "https://example.com", "`code`", "!play music"):
        outcome = await dialogue.reply(line)
        assert "nothing to read" in as_text(outcome, Style(locale="en"))
    assert classifier.seen == []


async def test_no_word_is_read_before_the_person_agreed(
    parts: Parts, classifier: TextStandIn
) -> None:
    outcome = await Dialogue(parts=parts, user="local:new", locale="en").reply("I love you")
    assert isinstance(outcome, Failed)
    assert type(outcome.error).__name__ == "ConsentNeeded"
    assert classifier.seen == []


async def test_forgetting_takes_the_latest_turn_or_the_one_named(dialogue: Dialogue) -> None:
    for _ in range(3):
        await dialogue.reply(str(SELFIE))
    await dialogue.reply("/forget 1")
    history = await dialogue.reply("/history")
    assert isinstance(history, HistoryShown)
    assert [turn.number for turn in history.turns] == [1, 2]
    assert all(turn.emotions.top(1).labels == ("sadness",) for turn in history.turns)
    await dialogue.reply("/forget")
    history = await dialogue.reply("/history")
    assert isinstance(history, HistoryShown)
    assert len(history.turns) == 1


@pytest.mark.parametrize(
    "line",
    ["/forget", "/forget 9", "/forget 0", "/forget it", "/forget ²", "/forget 9" + "9" * 5000],
)
async def test_forgetting_a_turn_that_there_is_not_says_so(line: str, dialogue: Dialogue) -> None:
    outcome = await dialogue.reply(line)
    assert isinstance(outcome, Said)
    assert "no such turn" in outcome.words


async def test_erasing_asks_first_and_then_leaves_nothing(dialogue: Dialogue, parts: Parts) -> None:
    await dialogue.reply(str(SELFIE))
    asked = await dialogue.reply("/erase")
    assert isinstance(asked, Said)
    assert "/erase yes" in asked.words
    assert await parts.people.count_turns("local:하나") == 1
    await dialogue.reply("/erase yes")
    assert await parts.people.count_turns("local:하나") == 0
    assert not await parts.consents.has_agreed("local:하나", version=NOTICE_VERSION)


async def test_who_is_erased_by_another_program_is_asked_again_and_gets_no_new_turn(
    dialogue: Dialogue, parts: Parts, classifier: TextStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = classifier.read

    def erased_meanwhile(messages: Sequence[str]) -> tuple[MessageReading, ...]:
        asyncio.run(erase(parts.settings.database_url))
        return read(messages)

    async def erase(url: str) -> None:
        database = create_engine(url)
        await People(database).erase("local:하나")
        await database.dispose()

    monkeypatch.setattr(classifier, "read", erased_meanwhile)
    outcome = await dialogue.reply("I love you")
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, ConsentNeeded)
    assert await parts.people.count_turns("local:하나") == 0


async def test_an_export_holds_the_turn_and_is_json(dialogue: Dialogue) -> None:
    await dialogue.reply(str(SELFIE))
    await dialogue.reply("오늘 정말 설렜어")
    exported = as_text(await dialogue.reply("/export"), Style(locale="ko"))
    assert json.loads(exported)["user"] == "local:하나"
    [conversation] = json.loads(exported)["conversations"]
    assert conversation["turns"] == len(conversation["history"]) == 2
    assert all(round(figure, 12) == figure for figure in floats(conversation))


@pytest.mark.parametrize("locale", ["en", "ko"])
async def test_privacy_shows_the_terminal_s_notice(locale: str, parts: Parts) -> None:
    dialogue = Dialogue(parts=parts, user="local:하나", locale=locale)
    shown = await dialogue.reply("/privacy")
    assert isinstance(shown, Said)
    assert shown.words.startswith(text("privacy.not_agreed", locale, turns=0))
    assert shown.words.endswith(notice(locale, TERMINAL_KEYS))


async def test_after_withdrawing_nothing_more_is_read(
    dialogue: Dialogue, analyzer: StandIn
) -> None:
    await dialogue.reply("/withdraw")
    outcome = await dialogue.reply(str(SELFIE))
    assert isinstance(outcome, Failed)
    assert analyzer.seen == []


async def test_korean_speakers_can_command_in_korean(parts: Parts) -> None:
    dialogue = Dialogue(parts=parts, user="local:하나", locale="ko")
    await dialogue.agree()
    await dialogue.reply(f"/셀카 {SELFIE}")
    mood = await dialogue.reply("/기분")
    assert isinstance(mood, MoodShown)
    assert mood.mood is not None
    text = as_text(mood, Style(locale="ko"))
    assert "호감도" in text
    assert "행복" in text


async def test_a_missing_file_a_folder_and_a_forbidden_one_are_told_apart(
    dialogue: Dialogue, tmp_path: Path
) -> None:
    (tmp_path / "folder.jpg").mkdir()
    missing = await dialogue.reply(str(tmp_path / "gone.jpg"))
    folder = await dialogue.reply(str(tmp_path / "folder.jpg"))
    assert isinstance(missing, Failed)
    assert isinstance(folder, Failed)
    assert type(missing.error).__name__ == "FileMissing"
    assert type(folder.error).__name__ == "FileUnreadable"
    assert "gone.jpg" in as_text(missing, Style(locale="en"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
async def test_a_named_pipe_is_not_waited_for(dialogue: Dialogue, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    outcome = await dialogue.reply(str(tmp_path / "pipe.jpg"))
    assert isinstance(outcome, Failed)
    assert type(outcome.error).__name__ == "FileUnreadable"


async def test_a_selfie_command_without_a_path_asks_for_one(dialogue: Dialogue) -> None:
    outcome = await dialogue.reply("/selfie")
    assert isinstance(outcome, Failed)
    assert type(outcome.error).__name__ == "NoPicture"


async def test_an_emotion_without_a_weight_is_told_and_not_scored(
    dialogue: Dialogue, analyzer: StandIn, parts: Parts
) -> None:
    analyzer.answers = [Emotions.of({"nostalgia": 0.6, "happiness": 0.4})]
    outcome = await dialogue.reply(str(SELFIE))
    assert "nostalgia" in as_text(outcome, Style(locale="en"))
    assert await parts.people.count_turns("local:하나") == 0


async def test_of_a_huge_file_no_more_is_read_than_shows_that_it_is_too_large(
    dialogue: Dialogue, analyzer: StandIn, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(3_000_000_000)  # a sparse file: no disk is used
    await dialogue.reply(str(huge))
    assert len(analyzer.seen[0]) == 25_000_001


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NoFaceFound("no face"), "no face"),
        (AmbiguousFaces("several", count=3), "3 faces"),
        (RuntimeError("boom"), "went wrong"),
    ],
)
async def test_what_goes_wrong_is_an_answer_and_the_next_line_is_read(
    error: Exception, words: str, dialogue: Dialogue, analyzer: StandIn
) -> None:
    analyzer.answers = [error, HAPPY]
    failed = await dialogue.reply(str(SELFIE))
    assert isinstance(failed, Failed)
    assert words in as_text(failed, Style(locale="en"))
    assert isinstance(await dialogue.reply(str(SELFIE)), Scored)


async def test_two_people_on_one_computer_have_two_moods(parts: Parts) -> None:
    for user in ("local:one", "local:two"):
        dialogue = Dialogue(parts=parts, user=user, locale="en")
        await dialogue.agree()
        outcome = await dialogue.reply(str(SELFIE))
        assert isinstance(outcome, Scored)
        assert outcome.mood.turns == 1


@pytest.mark.parametrize("locale", ["en", "ko"])
async def test_what_people_read_fits_a_terminal_of_eighty_columns(
    locale: str, parts: Parts
) -> None:
    dialogue = Dialogue(parts=parts, user="local:하나", locale=locale)
    await dialogue.agree()
    both = f"/selfie {SELFIE} 오늘 정말 설렜어"
    lines = (*[str(SELFIE)] * 60, "/why", "오늘 정말 설렜어", "/why", both, "/why", "ok", "/help")
    for line in (*lines, "/mood", "/history", "/privacy", "/erase"):
        text = as_text(await dialogue.reply(line), Style(locale=locale))
        assert "**" not in text
        assert all(cell_len(row) <= 80 for row in text.splitlines())


@pytest.mark.parametrize("line", [str(SELFIE), "오늘 정말 설렜어"])
async def test_a_model_that_cannot_be_loaded_is_an_answer_and_the_memory_still_works(
    line: str, tmp_path: Path
) -> None:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=f"sqlite:///{tmp_path / 'memory.db'}",
        vision_model=str(tmp_path),
        text_model=str(tmp_path),
    )
    parts = await build_parts(settings)
    dialogue = Dialogue(parts=parts, user="local:하나", locale="en")
    await dialogue.agree()
    failed = await dialogue.reply(line)
    assert isinstance(failed, Failed)
    assert type(failed.error).__name__ == "BrokenWeights"
    assert "seollem doctor" in as_text(failed, Style(locale="en"))
    assert isinstance(await dialogue.reply("/mood"), MoodShown)
    await parts.close()
