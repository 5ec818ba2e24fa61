"""``python -m vision``, with real face detection and a stand-in for the emotion model."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rich.cells import cell_len as display_width

import seollem.vision.classifier
from checkout import PORTRAITS
from photographs import ASTRONAUT, GRACE_HOPPER, RGB, encode, grace_hopper, texture
from seollem.cli.door import run
from seollem.cli.terminal import pad
from stand_in_classifier import StandInClassifier

main = partial(run, "seollem.vision.commands:vision")

pytestmark = pytest.mark.slow

SMILING, EARNEST = str(PORTRAITS / "astronaut.jpg"), str(PORTRAITS / "grace_hopper.jpg")


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seollem.vision.classifier, "EmotionClassifier", StandInClassifier)


def two_people() -> RGB:
    return np.hstack([grace_hopper(), grace_hopper()])


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[Any]]:
    status = main(["--json", *arguments])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_portrait_gives_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, (line,) = run_json(capsys, SMILING)

    assert status == 0
    assert set(line) == {"image", "model", "faces", "error"}
    assert line["image"] == SMILING
    assert line["model"] == "stand-in"
    assert line["error"] is None
    (face,) = line["faces"]
    assert set(face) == {"box", "score", "subject", "conclusive", "emotions"}
    assert face["box"] == pytest.approx([175, 74, 100, 100], abs=8)
    assert 0.7 < face["score"] <= 1
    assert face["subject"] is True
    assert face["conclusive"] is True
    assert list(face["emotions"]) == ["neutral", "happiness", "surprise"]


def test_labels_keep_their_names_as_typed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--json", "--labels", " 설렘,Quiet joy , 당황", SMILING])
    out = capsys.readouterr().out
    assert list(json.loads(out)["faces"][0]["emotions"]) == ["설렘", "Quiet joy", "당황"]
    assert "설렘" in out


@pytest.mark.parametrize("labels", ["", "a,,b", " , ", "a,b, a"])
def test_labels_that_cannot_be_asked_for_are_a_wrong_call(
    labels: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--labels", labels, SMILING]) == 2
    assert "--labels" in capsys.readouterr().err.splitlines()[-1]


def test_what_cannot_be_read_is_reported_and_the_rest_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.jpg").write_text("Good morning!")
    (tmp_path / "nobody.png").write_bytes(encode(texture(300, 200), "PNG"))
    (tmp_path / "cut.jpg").write_bytes(ASTRONAUT[:20_000])
    (tmp_path / "empty.jpg").touch()
    names = ["notes.jpg", "nobody.png", "cut.jpg", "empty.jpg", "missing.jpg", "."]

    status, lines = run_json(capsys, *(str(tmp_path / name) for name in names), "a\0b", SMILING)

    assert status == 1
    assert [line["error"] and line["error"]["type"] for line in lines] == [
        "UnreadableImage",
        "NoFaceFound",
        "UnreadableImage",
        "UnreadableImage",
        "FileNotFoundError",
        "IsADirectoryError",
        "ValueError",
        None,
    ]
    assert all(line["error"]["message"].endswith((".", "byte")) for line in lines[:-1])
    assert all(line["faces"] == [] for line in lines[:-1])


def test_a_file_is_known_by_its_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mislabelled = tmp_path / "portrait.png"
    mislabelled.write_bytes(GRACE_HOPPER)
    status, (line,) = run_json(capsys, str(mislabelled))
    assert status == 0
    assert len(line["faces"]) == 1


def test_a_file_without_end_is_too_large(capsys: pytest.CaptureFixture[str]) -> None:
    status, (line,) = run_json(capsys, "/dev/zero")
    assert status == 1
    assert line["error"]["type"] == "ImageTooLarge"


def test_ambiguous_faces_are_all_shown_and_none_is_the_subject(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "둘.png"
    picture.write_bytes(encode(two_people(), "PNG"))
    status, (line,) = run_json(capsys, str(picture))
    assert status == 1
    assert line["error"]["type"] == "AmbiguousFaces"
    assert [face["subject"] for face in line["faces"]] == [False, False]
    assert all(face["emotions"] for face in line["faces"])


def test_face_crops_are_read_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crops = []
    for number in range(150):  # more than a batch
        crop = tmp_path / f"{number}.png"
        crop.write_bytes(encode(texture(48, 48, seed=number), "PNG"))
        crops.append(str(crop))
    status, lines = run_json(capsys, "--cropped", *crops)
    assert status == 0
    assert [line["image"] for line in lines] == crops
    assert all(line["faces"][0]["box"] == [0, 0, 48, 48] for line in lines)
    tops = [tuple(line["faces"][0]["emotions"].values()) for line in lines]
    assert len(set(tops)) > 100  # each its own reading


def test_the_table_lines_up_also_in_hangul(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    korean = tmp_path / "설레는 얼굴.jpg"
    korean.write_bytes(ASTRONAUT)
    status = main([str(korean), EARNEST, "--labels", "설렘,무서워하는,joy"])
    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert len(lines) == 3
    header, *rows = lines
    for title in ("x, y", "emotions"):
        column = display_width(header[: header.index(title)])
        for row in rows:
            before = next(n for n in range(len(row)) if display_width(row[:n]) >= column)
            assert display_width(row[:before]) == column
            assert row[before - 1] == " " != row[before]
    percents = [
        [display_width(row[:n]) for n, sign in enumerate(row) if sign == "%"] for row in rows
    ]
    assert percents[0] == percents[1]


def test_the_table_says_why_there_is_no_reading(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["missing.jpg", SMILING]) == 1
    rows = capsys.readouterr().out.splitlines()[1:]
    assert rows[0].endswith("  No such file or directory.")
    assert "subject" in rows[1]


@pytest.mark.parametrize(
    ("text", "columns"),
    [("joy", 3), ("설렘", 4), ("\u1109\u1165\u11af", 2), ("é", 1), ("e\u0301", 1), ("", 0)],
)
def test_a_texts_width_is_what_a_terminal_gives_it(text: str, columns: int) -> None:
    assert display_width(text) == columns
    assert display_width(pad(text, 9)) == 9


def test_the_reading_is_drawn_into_a_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "read.png"
    assert main([SMILING, "--labels", "설렘,당황", "--annotated", str(out)]) == 0
    before = np.asarray(Image.open(SMILING).convert("RGB")).astype(int)
    drawn = np.asarray(Image.open(out)).astype(int)
    changed = np.argwhere(np.abs(drawn - before).sum(axis=2) > 60)
    top, left = changed.min(axis=0)
    bottom, right = changed.max(axis=0)
    assert (left, top) == pytest.approx((175, 74), abs=8)
    assert 174 < bottom < 260
    assert 270 < right < 400
    assert (PORTRAITS / "astronaut.jpg").read_bytes() == ASTRONAUT


def test_a_copy_that_cannot_be_written_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([SMILING, "--annotated", "/nowhere/read.png"]) == 1
    captured = capsys.readouterr()
    assert "/nowhere/read.png was not written: No such file" in captured.err
    assert "subject" in captured.out


def test_one_copy_is_of_one_picture(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([SMILING, EARNEST, "--annotated", "read.png"]) == 2
    assert "one image" in capsys.readouterr().err


def test_a_model_that_is_none_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    assert main(["--model", str(tmp_path), SMILING]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err


def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    picture = tmp_path / "slow.jpg"
    os.mkfifo(picture)
    # Where the tests run in the background, Ctrl-C is ignored, which processes inherit.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(
        [sys.executable, "-m", "vision", str(picture)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heard,
    )
    with picture.open("wb"):  # opens when it waits for the picture
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in said


def test_labels_are_utf_8_even_where_the_system_s_encoding_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    as_ascii_hands_them_over = "설렘,당황".encode().decode("ascii", "surrogateescape")
    status, (line,) = run_json(capsys, "--labels", as_ascii_hands_them_over, SMILING)
    assert status == 0
    assert set(line["faces"][0]["emotions"]) == {"설렘", "당황"}


@pytest.mark.parametrize("out", ["selfie.png", "drawn.jpg"])
def test_an_annotated_copy_never_takes_the_place_of_the_picture(
    tmp_path: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "selfie.png"
    picture.write_bytes(b"a picture")
    assert main([str(picture), "--annotated", str(tmp_path / out)]) == 2
    assert "--annotated" in capsys.readouterr().err
    assert picture.read_bytes() == b"a picture"
