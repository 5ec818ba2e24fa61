"""From two data sets on disk to a reader of faces that three annotators taught."""

import json
from pathlib import Path

import numpy as np
import pytest

from miniatures import affectnet_faces, fer2013_rows, striped_face, write_affectnet, write_fer2013
from seollem.scoring.emotions import AFFECTNET
from seollem.vision.classifier import EmotionClassifier
from training_command import main

pytestmark = pytest.mark.slow


def test_two_data_sets_become_one_reader_with_three_annotators(
    towers: list[str],
    sentence_encoder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_fer2013(tmp_path / "fer2013", fer2013_rows(8, 2))
    write_affectnet(tmp_path / "affectnet", affectnet_faces(20, 2))
    sources = [f"--{name}={tmp_path / name}" for name in ("fer2013", "affectnet")]
    manifest, data = tmp_path / "faces.parquet", tmp_path / "faces.npz"
    run, model, report = tmp_path / "run", tmp_path / "model", tmp_path / "report"
    small = ["--preset", "smoke", "--threads", "1"]
    for command in (
        ["merge", *sources, "--out", str(manifest)],
        ["prepare", "--source", str(manifest), "--out", str(data)],
        ["finetune", *small, "--data", str(data), *towers, "--out", str(run)],
        ["export", "--run", str(run), "--data", str(data), "--out", str(model),
         "--encoder", str(sentence_encoder)],
        ["evaluate", "--model", str(model), "--data", str(data), "--out", str(report)],
    ):  # fmt: skip
        assert main(command) == 0, command[0]
    metrics = json.loads((run / "metrics.jsonl").read_text())
    assert {"fer2013", "ferplus", "affectnet", "affectnet_uar"} <= metrics.keys()
    assert "| AffectNet |" in capsys.readouterr().out
    classifier = EmotionClassifier.from_pretrained(model)
    face = np.repeat(striped_face("contempt", 5)[:, :, None], 3, axis=2)
    assert sum(classifier.read([face], labels=AFFECTNET)[0].values()) == pytest.approx(1)
