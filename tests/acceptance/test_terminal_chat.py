"""The promise, from outside: a photograph in, a reading out, and a mood that remembers."""

import json
import sqlite3
import subprocess

import pytest

from checkout import PORTRAITS
from offline import is_supported
from program import FirstRun, Program

pytestmark = pytest.mark.slow

PORTRAIT = str(PORTRAITS / "astronaut.jpg")


def test_a_photograph_is_read_scored_and_remembered(first_run: FirstRun) -> None:
    turn, mood = first_run.answers
    assert (turn["turn"], turn["source"], turn["error"]) == (1, "selfie", None)
    assert sum(turn["emotions"].values()) == pytest.approx(1.0, abs=0.0005)  # eight, rounded
    assert max(turn["emotions"], key=turn["emotions"].get) == "happiness"
    assert turn["percent"] == pytest.approx(50 * (1 + turn["affection"]), abs=0.003)
    assert (mood["turn"], mood["conversation"]["turns"]) == (None, 1)


def test_a_second_run_remembers_the_first_and_none_opens_a_connection(first_run: FirstRun) -> None:
    turn, mood = first_run.program.chat(PORTRAIT, "/mood", offline=is_supported)
    assert turn["turn"] == 2
    assert mood["conversation"]["turns"] == 2
    assert turn["emotions"] == first_run.answers[0]["emotions"]


def test_the_notice_is_printed_once_and_the_answers_stay_clean(program: Program) -> None:
    first = program.run("chat", "--json", lines=["/selfie gone.jpg"])
    second = program.run("chat", "--json", lines=["/selfie gone.jpg"])
    assert "What is read" in first.stderr
    assert second.stderr == ""
    assert '"FileMissing"' in first.stdout
    assert len(first.stdout.splitlines()) == 1


def test_messages_and_selfies_make_one_history_in_both_languages(program: Program) -> None:
    glad, angry = "오늘 너 만나서 너무 설레고 행복했어", "진짜 짜증나 꼴도 보기 싫어"
    lines = [
        glad,
        angry,
        "I was so happy to see you today",
        "I can't stand you, go away",
        f"/selfie {PORTRAIT} {glad}",
        "/mood",
        "/why",
    ]
    answers = program.chat(*lines, offline=is_supported)
    assert [answer["error"] for answer in answers] == [None] * 7
    assert [answer["turn"] for answer in answers] == [1, 2, 3, 4, 5, None, 5]
    assert [a["source"] for a in answers[:5]] == ["message"] * 4 + ["both"]
    for fond, hostile in (answers[0:2], answers[2:4]):
        assert fond["percent"] > hostile["percent"] + 20
    assert max(answers[0]["emotions"], key=answers[0]["emotions"].get) in {"기쁨", "행복"}
    assert answers[5]["conversation"]["turns"] == 5
    moved = sum(factor["moved"] for factor in answers[6]["why"]["emotions"].values())
    assert moved + answers[6]["why"]["rest"] == pytest.approx(answers[6]["affection"], abs=1e-9)
    [database] = program.folder.rglob("*.db")
    assert not any(word.encode() in database.read_bytes() for word in (glad, "go away"))


@pytest.mark.parametrize("end", ["/withdraw", "/erase yes"])
def test_a_pipe_that_withdrew_is_not_read_again_until_the_next_run(
    end: str, program: Program
) -> None:
    gone = "/selfie gone.jpg"  # looked for only once the person agreed
    first = program.run("chat", "--json", lines=[gone, end, gone, "/privacy"])
    answers = [json.loads(line) for line in first.stdout.splitlines()]
    errors = [answer["error"] and answer["error"]["type"] for answer in answers]
    assert errors == ["FileMissing", None, "ConsentNeeded", None]
    assert "have not agreed" in answers[-1]["text"]
    assert first.stderr.count("What is read") == 1
    [again] = program.chat(gone)
    assert again["error"]["type"] == "FileMissing"


def test_bad_pictures_are_answers_and_nothing_is_lost(program: Program) -> None:
    pictures = {
        "empty.jpg": b"",
        "cut.jpg": (PORTRAITS / "astronaut.jpg").read_bytes()[:20_000],
        "words.png": b"these are words",
        "phone.heic": b"\0\0\0\x18ftypheic" + bytes(64),
        "bomb.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0"
        + bytes(64),
    }
    for name, data in pictures.items():
        (program.folder / name).write_bytes(data)
    answers = program.chat(*pictures, "gone.jpg", "ok", PORTRAIT, "/mood")
    errors = [answer["error"] and answer["error"]["type"] for answer in answers]
    assert errors[0] == errors[2] == errors[3] == "UnreadableImage"
    assert errors[1] in {"UnreadableImage", "NoFaceFound"}
    assert errors[4] in {"ImageTooLarge", "UnreadableImage"}
    assert errors[5:7] == ["FileMissing", "NothingToRead"]
    assert errors[7:] == [None, None]
    assert answers[-1]["conversation"]["turns"] == 1
    assert all(answer["error"]["message"] for answer in answers[:7])


def test_the_first_chat_is_a_tour_that_keeps_nothing(
    tour: tuple[Program, subprocess.CompletedProcess[str]],
) -> None:
    program, done = tour
    assert done.returncode == 0, done.stderr
    for words in ("astronaut.jpg", "grace_hopper.jpg", "/mood", "happiness", "Affection", "●"):
        assert words in done.stderr
    assert "\x1b[" not in done.stderr
    assert done.stdout == ""  # a pipe is given answers alone
    [database] = program.folder.rglob("*.db")
    with sqlite3.connect(database) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if "schema" not in table and not table.startswith("sqlite_"):
                count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
                assert count == (0,), table


def test_koreans_are_spoken_to_in_korean(first_run: FirstRun) -> None:
    done = first_run.program.run("chat", "--user", "하나", lines=["/기분"], LANG="ko_KR.UTF-8")
    assert "호감도" in done.stdout
    assert "행복" in done.stdout


def test_a_file_that_is_no_database_ends_in_one_line_that_says_so(program: Program) -> None:
    path = program.folder / "notes.db"
    path.write_text("only words " * 1000)
    done = program.run("chat", "--json", SEOLLEM_DATABASE_URL=f"sqlite:///{path}")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(path) in done.stderr
    assert path.read_text() == "only words " * 1000


def test_a_wrong_setting_ends_in_one_line(program: Program) -> None:
    done = program.run("chat", SEOLLEM_QUEUE_SIZE="many")
    assert done.returncode == 1
    assert done.stderr.startswith("SEOLLEM_QUEUE_SIZE=many")
    assert len(done.stderr.splitlines()) == 1
