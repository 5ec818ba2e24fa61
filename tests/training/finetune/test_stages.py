"""Both towers trained, stage by stage, and the line between start and end."""

import csv
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from seollem.training.data.faces import FaceSet, Split
from seollem.training.errors import CheckpointError
from seollem.training.finetune.config import PRESETS
from seollem.training.finetune.objective import START_FILE
from seollem.training.finetune.run import open_run
from seollem.training.release.wise_ft import interpolate, load_start
from seollem.training.runs.folder import SETTINGS_FILE
from seollem.training.runs.logs import CsvLog, open_log
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.text_tower import TextTower
from training_command import main

pytestmark = pytest.mark.slow


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}


def test_the_heads_learn_first_then_the_upper_stages_and_the_text_tower_with_them(
    data: Path, face_network: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    settings = {"epochs": 2, "head_epochs": 1, "freeze": 3, "layer_decay": 0.8, "image_size": 32}
    both = {"text_rate": 1e-3, "projection_dim": 16, "image_depth": 1, "bfloat16": False}
    run = open_run(
        PRESETS["smoke"].changed(settings | both),
        faces=FaceSet.load(data),
        backbone=str(face_network),
        encoder=str(sentence_encoder),
        out=tmp_path,
    )

    def state() -> dict[str, torch.Tensor]:
        return {name: tensor.clone() for name, tensor in run.objective.module.state_dict().items()}

    first = state()
    epochs = run.saves()
    next(epochs)
    heads = state()
    moved = changed(first, heads)
    assert any(name.startswith("model.heads") for name in moved)
    assert any(name.startswith("model.adapter") for name in moved)
    assert "model.text_projection.weight" in moved
    assert not any(name.startswith("model.image_tower") for name in moved)

    next(epochs)
    moved = changed(heads, state())
    assert any(name.startswith("model.image_tower.blocks.12") for name in moved)
    assert any(name.startswith("phrasings.tower.encoder") for name in moved)
    for frozen in ("stem", "blocks.0.", "blocks.1."):
        assert not any(name.startswith(f"model.image_tower.{frozen}") for name in moved)

    begun = load_file(tmp_path / START_FILE)
    tower = {name: t for name, t in begun.items() if name.startswith("image_tower.")}
    assert tower
    assert all(torch.equal(t, first[f"model.{name}"]) for name, t in tower.items())
    tuned = TextTower.from_pretrained(tmp_path / "text")
    space = LabelSpace.load(tmp_path, lambda: tuned)
    assert load_checkpoint(tmp_path).logits(torch.rand(2, 16), space(["새로운 말"])).shape == (2, 1)


def test_the_line_from_start_to_end_is_measured_and_its_best_point_kept(
    run: Path, data: Path, tmp_path: Path
) -> None:
    paths = ["--run", str(run), "--data", str(data), "--out", str(tmp_path)]
    assert main(["wise-ft", *paths, "--points", "3"]) == 0
    points = list(csv.DictReader((tmp_path / "curve.csv").read_text("utf-8").splitlines()))
    assert [float(point["alpha"]) for point in points] == [0, 0.5, 1]
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    best = max(points, key=lambda point: float(point["both"]))
    kept, line = load_checkpoint(tmp_path), load_checkpoint(run)
    end = {name: tensor.clone() for name, tensor in line.state_dict().items()}
    interpolate(line, load_start(run, line), end, float(best["alpha"]))
    for name, parameter in kept.named_parameters():
        assert torch.allclose(parameter, line.get_parameter(name)), name
    settings = [(folder / SETTINGS_FILE).read_text("utf-8") for folder in (run, tmp_path)]
    assert settings[0] == settings[1]  # so that export reads sentences as training did


def test_without_votes_the_line_is_chosen_by_the_trained_labels(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = FaceSet.load(data)
    faces.votes[:] = 0
    faces.save(tmp_path / "faces.npz")
    paths = ["--run", str(run), "--data", str(tmp_path / "faces.npz"), "--out", str(tmp_path)]
    assert main(["wise-ft", *paths, "--points", "3"]) == 0
    points = list(csv.DictReader((tmp_path / "curve.csv").read_text("utf-8").splitlines()))
    assert "unseen" not in points[0]
    best = max(points, key=lambda point: float(point["seen"]))
    assert f"α = {float(best['alpha']):.2f}" in capsys.readouterr().out
    assert main(["wise-ft", *paths, "--points", "1"]) == 1
    assert "2 is the least" in capsys.readouterr().err
    faces.where(faces.splits == Split.TRAINING).save(tmp_path / "faces.npz")
    assert main(["wise-ft", *paths, "--points", "3"]) == 1
    assert "no validation face" in capsys.readouterr().err


def test_a_run_without_its_start_says_so(run: Path, tmp_path: Path) -> None:
    model = load_checkpoint(run)
    with pytest.raises(CheckpointError, match="started from"):
        load_start(tmp_path, model)


def test_a_log_forgets_the_epoch_that_was_stopped(tmp_path: Path) -> None:
    log = CsvLog(tmp_path, 0)
    for step in (1, 2, 3):
        log.add(step, {"loss": step / 10})
    log.flush()
    log = CsvLog(tmp_path, 2)
    log.add(3, {"loss": 0.9})
    log.flush()
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text("utf-8").splitlines()))
    assert [(row["step"], row["value"]) for row in rows] == [
        ("1", "0.1"),
        ("2", "0.2"),
        ("3", "0.9"),
    ]


def test_tensorboard_reads_what_was_logged(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = open_log("tensorboard", tmp_path, 0)
    log.add(1, {"loss": 0.5})
    log.flush()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(1, 0.5)]
