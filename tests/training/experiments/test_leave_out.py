"""Trained without an emotion, then asked for it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from seollem.scoring.emotions import FACE_EMOTIONS, FER2013
from seollem.training.data.faces import FaceSet, Split
from seollem.training.experiments.unseen import Attempt, best_penalty, open_run_without, without
from seollem.training.finetune.config import PRESETS
from training_command import main

pytestmark = pytest.mark.slow

FEAR = FACE_EMOTIONS.index("fear")


def test_nobody_took_a_remaining_training_face_for_the_emotion(few_faces: FaceSet) -> None:
    left = without(few_faces, "fear")
    training = left.split(Split.TRAINING)
    assert 0 < len(training) < len(few_faces.split(Split.TRAINING))
    assert training.votes[:, FEAR].max() < 2
    assert FER2013.index("fear") not in training.labels
    for split in (Split.PUBLIC, Split.PRIVATE):
        assert len(left.split(split)) == len(few_faces.split(split))


def test_the_emotion_is_among_neither_the_words_nor_the_targets(
    few_faces: FaceSet, face_network: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    run = open_run_without(
        "fear",
        PRESETS["smoke"],
        faces=few_faces,
        backbone=str(face_network),
        encoder=str(sentence_encoder),
        out=tmp_path,
    )
    criterion, examples = run.objective.criterion, run.objective.examples
    named = criterion.phrasings(torch.Generator().manual_seed(0), run.accelerator.device)
    assert {annotator: len(words) for annotator, words in named.items()} == {
        "ferplus": len(FACE_EMOTIONS) - 1,
        "fer2013": len(FER2013) - 1,
    }
    for annotator, target in examples.targets.items():
        assert target.shape == (len(examples.faces), len(named[annotator]))
        totals = target.sum(axis=1)
        assert np.all(np.isclose(totals, 1, atol=1e-5) | (totals == 0))
    assert criterion.related is not None
    related = criterion.related.vocabulary
    assert set(related).isdisjoint({"fear", "공포/무서움"})
    assert set(related) >= {"sadness", "슬픔"}


def test_holding_seen_labels_back_finds_the_unseen_one() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 8, 800)
    logits = random.normal(0, 1, (800, 8)).astype(np.float32)
    logits[np.arange(800), truth] += 3
    logits[:, FEAR] -= 4  # a reader that rarely gives the label it was never told of
    attempt = Attempt("fear", logits, truth)
    assert attempt.harmonic_mean() < 0.4
    penalty = best_penalty([attempt])
    assert 2.5 < penalty < 5.5
    assert attempt.harmonic_mean(penalty) > 0.7
    figures = dict(attempt.evaluator(100.0)(np.arange(800)))
    assert figures == {"seen accuracy": 0.0, "unseen recall": 1.0, "harmonic mean": 0.0}


def test_every_emotion_is_left_out_in_turn(
    few_faces: FaceSet,
    face_network: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, out = tmp_path / "faces.npz", tmp_path / "runs"
    few_faces.save(data)
    towers = ["--backbone", str(face_network), "--encoder", str(sentence_encoder)]
    small = ["--preset", "smoke", "--epochs", "1", "--emotions", "fear", "anger"]
    command = ["leave-out", "--data", str(data), *towers, *small, "--out", str(out)]
    assert main(command) == 0
    rows = json.loads((out / "leave_out.json").read_text("utf-8"))["figures"]
    assert [(row["group"], row["name"]) for row in rows] == [
        ("without fear", "as trained"),
        ("without fear", "seen labels held back"),
        ("without anger", "as trained"),
        ("without anger", "seen labels held back"),
        ("mean", "as trained"),
        ("mean", "seen labels held back"),
        ("mean", "by lot"),
    ]
    assert "| without anger | as trained |" in capsys.readouterr().out


def test_a_backbone_that_was_trained_on_emotions_is_refused(
    few_faces: FaceSet,
    untrained_checkpoint: Path,
    sentence_encoder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "faces.npz"
    few_faces.save(data)
    towers = ["--backbone", str(untrained_checkpoint), "--encoder", str(sentence_encoder)]
    command = ["leave-out", "--data", str(data), *towers, "--out", str(tmp_path / "runs")]
    assert main([*command, "--emotions", "fear"]) == 1
    assert "none of them is new to it" in capsys.readouterr().err


def test_an_emotion_that_no_test_face_shows_is_an_error(
    few_faces: FaceSet, face_network: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "faces.npz"
    few_faces.save(data)
    towers = ["--backbone", str(face_network), "--encoder", str(sentence_encoder)]
    command = ["leave-out", "--data", str(data), *towers, "--out", str(tmp_path / "runs")]
    assert main([*command, "--emotions", "contempt"]) == 1
    assert not (tmp_path / "runs").exists()
