"""python -m scoring, with a small KoBERT in the embedded encoder's place."""

import io
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from seollem.cli.door import run
from seollem.scoring import build_weights as building
from seollem.scoring.agreement import load_cooccurrence
from seollem.scoring.descriptions import ANCHORS, DESCRIPTIONS
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE
from seollem.scoring.encoders import TextEncoder
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.readings import MessageReading
from seollem.scoring.text import TextEmotionClassifier
from seollem.vision.readings import Emotions
from small_kobert import save_kobert, train_pieces

main = partial(run, "seollem.scoring.commands:scoring")


class StandInReader:
    """Finds joy where somebody writes 기뻐, anger where 화나, and otherwise nothing."""

    def read(self, messages: Sequence[str]) -> tuple[MessageReading, ...]:
        return tuple(self._read(message) for message in messages)

    def _read(self, message: str) -> MessageReading:
        found = {"기뻐": "기쁨", "화나": "화남/분노"}
        present = tuple(label for sign, label in found.items() if sign in message)
        emotions = Emotions.of({label: 0.9 if label in present else 0.02 for label in KOTE})
        return MessageReading(emotions, present, bool(present), "stand-in")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TextEmotionClassifier, "from_pretrained", lambda *_, **__: StandInReader())


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> TextEncoder:
    """Knows the letters of all descriptions, and nothing of what they mean."""
    phrases = [p for group in DESCRIPTIONS.values() for p in group]
    phrases += [
        p for end in (ANCHORS.affection, ANCHORS.opposites) for g in end.values() for p in g
    ]
    texts = [*phrases, "마음속의 감정, 그 사람에게 느끼는 감정:", "my feeling toward someone:"]
    pieces = train_pieces(pieces=1200, sentence_iterator=iter(texts))
    folder = save_kobert(tmp_path_factory.mktemp("kobert"), pieces)
    return TextEncoder.from_pretrained(folder, tmp_path_factory.mktemp("cache"))


@pytest.mark.usefixtures("reader")
def test_messages_are_read_from_arguments_and_from_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["text", "너무 기뻐", "화나", "--json"]) == 0
    joy, anger = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(joy) == [
        "text",
        "affection",
        "percent",
        "emotions",
        "present",
        "conclusive",
        "model",
    ]
    assert next(iter(joy["emotions"])) == "기쁨"
    assert joy["present"] == ["기쁨"]
    assert joy["percent"] > 50 > anger["percent"]
    assert joy["percent"] == pytest.approx(50 * (1 + joy["affection"]), abs=0.1)

    lines = "너무 기뻐\r\n\n화나\n".encode() + b"\xff\xfe\n"
    stdin = io.TextIOWrapper(io.BytesIO(lines), "utf-8", errors="surrogateescape", newline="\n")
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["text", "--json"]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["text"] for report in reports] == ["너무 기뻐", "", "화나", "\ufffd\ufffd"]
    assert [report["conclusive"] for report in reports] == [True, False, True, False]


@pytest.mark.usefixtures("reader")
def test_a_message_s_row_says_affection_emotions_and_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["text", "너무 기뻐", "뭐"]) == 0
    joy, nothing = capsys.readouterr().out.splitlines()
    assert joy.endswith("너무 기뻐")
    assert "기쁨" in joy
    assert "inconclusive" in nothing


def test_a_reader_that_cannot_be_loaded_is_one_line_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["text", "안녕", "--model", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(tmp_path) in printed.err
    assert "Traceback" not in printed.err


def test_an_encoder_that_cannot_be_had_is_not_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main(["weights", "--encoder", str(tmp_path / "typo")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("The model")
    assert "neither a folder nor to be had from the hub" in printed.err


def test_weights_are_shown_with_their_agreement(
    encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(TextEncoder, "from_pretrained", lambda *_: encoder)
    assert main(["weights", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["weights"]) == {*FACE_EMOTIONS, *KOTE}
    assert list(report["weights"].values()) == sorted(report["weights"].values(), reverse=True)
    assert report["agreement"]["labels"] == len(KOTE)
    assert (report["encoder"], report["method"]) == (encoder.name, "contrast")

    assert main(["weights", "--method", "raw"]) == 0
    *rows, by, sentence = capsys.readouterr().out.splitlines()
    assert len(rows) == 1 + len(FACE_EMOTIONS) + len(KOTE)
    assert "method raw" in by
    assert "Spearman" in sentence

    assert main(["weights", "--labels", "마음, 사람", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["weights"]) == {"마음", "사람"}
    assert report["agreement"] is None

    assert main(["weights", "--labels", "짜증,절망,증오/혐오", "--json"]) == 0
    out = capsys.readouterr().out
    assert "NaN" not in out
    assert json.loads(out)["agreement"]["spearman_positive"] is None
    assert main(["weights", "--labels", "짜증,절망,증오/혐오"]) == 0
    *_, sentence = capsys.readouterr().out.splitlines()
    assert "Spearman" in sentence
    assert "positive" not in sentence

    as_ascii_hands_it_over = "마음".encode().decode("ascii", "surrogateescape")
    assert main(["weights", "--labels", as_ascii_hands_it_over, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["weights"]) == {"마음"}

    assert main(["weights", "--labels", "기쁨,,슬픔"]) == 1
    assert "blank" in capsys.readouterr().err


def test_what_ships_is_built_with_one_command(
    encoder: TextEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(TextEncoder, "from_pretrained", lambda *_: encoder)
    card = f"# Weights\n{building.BEGIN}\nold\n{building.END}\nThe end.\n"
    (tmp_path / "CARD.md").write_text(card, "utf-8")
    assert main(["build-weights", "--out", str(tmp_path)]) == 0
    assert "52 label weights" in capsys.readouterr().out
    weights = LabelWeights.load(tmp_path / "label_weights.json")
    assert set(weights) == {*FACE_EMOTIONS, *KOTE}
    assert weights["neutral"] == weights["없음"] == 0
    table = json.loads((tmp_path / "label_weights.json").read_text("utf-8"))
    assert table["encoder"] == {"name": encoder.name, "sha256": encoder.identity}
    text = (tmp_path / "CARD.md").read_text("utf-8")
    assert text.startswith("# Weights\n")
    assert text.endswith("\nThe end.\n")
    assert "old" not in text
    assert f"| 기쁨 | {weights['기쁨']:.4f} | {load_cooccurrence()['기쁨']:.3f} |" in text
    assert (tmp_path / "affection_axis.png").read_bytes().startswith(b"\x89PNG")


def test_a_card_without_marks_is_left_alone(
    encoder: TextEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(TextEncoder, "from_pretrained", lambda *_: encoder)
    (tmp_path / "CARD.md").write_text("mine", "utf-8")
    assert main(["build-weights", "--out", str(tmp_path)]) == 1
    assert "put them back" in capsys.readouterr().err
    assert (tmp_path / "CARD.md").read_text("utf-8") == "mine"


def test_a_folder_that_cannot_be_written_to_is_an_error(
    encoder: TextEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(TextEncoder, "from_pretrained", lambda *_: encoder)
    (tmp_path / "file").write_text("in the way")
    assert main(["build-weights", "--out", str(tmp_path / "file")]) == 1
    assert "cannot be written to" in capsys.readouterr().err
