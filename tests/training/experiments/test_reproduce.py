"""The original study's experiment, smaller still."""

import json
from pathlib import Path

import pytest
from PIL import Image

from seollem.training.data.faces import FaceSet
from training_command import main

pytestmark = pytest.mark.slow


def test_a_small_set_is_learnt_and_set_beside_the_study(
    few_faces: FaceSet,
    face_network: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, out = tmp_path / "faces.npz", tmp_path / "run"
    few_faces.save(data)
    towers = ["--backbone", str(face_network), "--encoder", str(sentence_encoder)]
    command = ["reproduce", "--data", str(data), *towers, "--images", "56", "--out", str(out)]
    assert main([*command, "--epochs", "8"]) == 0
    printed = capsys.readouterr().out
    curves = [json.loads(line) for line in (out / "reproduce.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in curves] == list(range(9))
    assert curves[-1]["training loss"] < curves[0]["training loss"]
    assert "| 2.7 | 0.16 |" in printed
    assert "| 1.2 | 0.40 |" in printed
    assert "held-out faces of the private split" in printed
    with Image.open(out / "reproduce.png") as picture:
        assert picture.width > 1000

    # Stopped after the last state and before its line: the same command measures it again.
    lines = (out / "reproduce.jsonl").read_text().splitlines(keepends=True)
    (out / "reproduce.jsonl").write_text("".join(lines[:-1]))
    assert main([*command, "--epochs", "8"]) == 0
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line[:1] == "{"]
    assert not again  # nothing was trained
    assert (out / "reproduce.jsonl").read_text().splitlines(keepends=True) == lines
