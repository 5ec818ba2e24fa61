"""The calibration for the 36 new emotions."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seollem.scoring.emotions import NEW_EMOTIONS
from seollem.training.errors import CheckpointError
from seollem.training.release.silver_calibration import SilverFaces, calibrate_vocabulary
from seollem.training.release.vocabulary_calibration import VocabularyCalibration, load_calibration
from seollem.vision.readings import Emotions

CHOSEN: dict[str, Any] = {
    "scale": 2.0,
    "offsets": [0.0] * 36,
    "abstain_below": 0.1,
    "kept": 1.0,
    "right": 0.7,
    "test_kept": 1.0,
    "test_right": 0.7,
}


def silver(seed: int, scale: float, offsets: np.ndarray) -> SilverFaces:
    """Faces whose true distribution a known scale and known offsets bring about."""
    logits = np.random.default_rng(seed).normal(0, 2, (400, 36))
    powers = np.exp(scale * logits + offsets)
    return SilverFaces(torch.from_numpy(logits).float(), powers)


def test_the_scale_and_offsets_behind_a_standard_are_found() -> None:
    offsets = np.linspace(-1, 1, 36)
    found = calibrate_vocabulary(silver(1, 0.5, offsets), silver(2, 0.5, offsets))
    assert found.scale == pytest.approx(0.5, abs=0.05)
    assert np.allclose(found.offsets, offsets, atol=0.1)
    assert found.right == found.kept == found.test_right == 1


def test_two_answers_of_three_are_right_from_the_threshold_on() -> None:
    faces = silver(3, 1.0, np.zeros(36))
    shuffled = np.random.default_rng(4).permuted(faces.relevance, axis=1)
    doubtful = faces.logits.numpy().max(axis=1) < 4  # the faces that no label stands out on
    faces.relevance[doubtful] = shuffled[doubtful]
    found = calibrate_vocabulary(faces, silver(5, 1.0, np.zeros(36)))
    assert 0 < found.kept < 1
    assert found.right >= 2 / 3


def test_a_calibration_keeps_a_reading_a_reading() -> None:
    offsets = tuple(float(n == 3) for n in range(36))
    calibration = VocabularyCalibration(**CHOSEN | {"scale": 1.0, "offsets": offsets})
    even = Emotions(NEW_EMOTIONS, (1 / 36,) * 36)
    moved = calibration.apply(even)
    assert sum(moved.values()) == pytest.approx(1)
    assert moved[NEW_EMOTIONS[3]] == pytest.approx(np.e / (np.e + 35))
    certain = Emotions(NEW_EMOTIONS, (1.0, *(0.0,) * 35))
    assert calibration.apply(certain).top(1).labels == NEW_EMOTIONS[:1]


def test_a_checkpoint_has_a_calibration_none_or_a_damaged_one(tmp_path: Path) -> None:
    assert load_calibration(tmp_path) is None
    path = tmp_path / "calibration.json"
    path.write_text("{}")
    assert load_calibration(tmp_path) is None
    path.write_text(json.dumps({"kote36": CHOSEN}))
    assert load_calibration(tmp_path) == VocabularyCalibration(**CHOSEN | {"offsets": (0.0,) * 36})
    for damaged in ("{", "[]", json.dumps({"kote36": {}})):
        path.write_text(damaged)
        with pytest.raises(CheckpointError, match="damaged"):
            load_calibration(tmp_path)
    path.write_text(json.dumps({"kote36": CHOSEN | {"offsets": [0.0] * 8}}))
    with pytest.raises(CheckpointError, match="offsets for 8 emotions"):
        load_calibration(tmp_path)
