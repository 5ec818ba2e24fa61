"""prepare → finetune → export → evaluate on a miniature, and what a reader makes of the result."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from seollem.training.data.faces import FaceSet
from seollem.training.errors import CheckpointError, DivergedError
from seollem.training.finetune.config import PRESETS
from seollem.training.finetune.run import open_run
from seollem.training.runs.loop import Run
from seollem.training.runs.objective import Stage
from seollem.vision.checkpoints import verify_checksums
from seollem.vision.classifier import EmotionClassifier
from seollem.vision.errors import BrokenWeights
from seollem.vision.text_tower import INT8_FILE
from training_command import main

pytestmark = pytest.mark.slow

SMALL = ["--preset", "smoke", "--epochs", "2", "--threads", "1"]  # of the fixture "run"


@pytest.fixture(scope="session")
def checkpoint(
    run: Path, data: Path, sentence_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("checkpoint")
    paths = ["--run", str(run), "--data", str(data), "--out", str(out)]
    assert main(["export", *paths, "--encoder", str(sentence_encoder)]) == 0
    return out


def test_a_run_leaves_its_metrics_its_settings_and_a_picture(run: Path) -> None:
    epochs = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    assert {"loss", "ferplus", "fer2013_uar", "synonyms_ko"} <= epochs[0].keys()
    assert json.loads((run / "settings.json").read_text())["epochs"] == 2
    assert (run / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_stopped_run_goes_on_to_the_same_weights(
    run: Path,
    data: Path,
    towers: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = ["finetune", *SMALL, "--data", str(data), *towers, "--out", str(tmp_path)]
    epoch = Run._train_interval
    done: list[Stage[Any]] = []

    def stopped_in_the_second(self: Run[Any], stage: Stage[Any]) -> list[tuple[Any, float]]:
        if done:
            raise KeyboardInterrupt
        done.append(stage)
        return epoch(self, stage)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_train_interval", stopped_in_the_second)
        assert main(command) == 130
    assert main(command) == 0
    uninterrupted = load_file(run / "model.safetensors")
    continued = load_file(tmp_path / "model.safetensors")
    assert uninterrupted.keys() == continued.keys()
    for name, tensor in uninterrupted.items():
        assert torch.equal(tensor, continued[name]), name


def test_a_run_goes_on_from_another_one_that_also_teaches_it(
    run: Path, data: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    recipe = ["--set", "distill=0.5", "--set", "mixup=0.2", "--set", "draw_votes=true"]
    sources = ["--backbone", str(run), "--teacher", str(run), "--encoder", str(sentence_encoder)]
    paths = ["--data", str(data), "--out", str(tmp_path)]
    assert main(["finetune", "--preset", "smoke", *recipe, *sources, *paths]) == 0
    before, after = load_file(run / "model.safetensors"), load_file(tmp_path / "model.safetensors")
    assert before.keys() == after.keys()
    nearness = torch.nn.functional.cosine_similarity(
        before["heads.ferplus.1.weight"].flatten(), after["heads.ferplus.1.weight"].flatten(), dim=0
    )
    assert nearness > 0.8  # it did not begin anew


@pytest.mark.parametrize("threads", ["0", "-1"])
def test_threads_are_one_or_more(
    threads: str, data: Path, towers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = ["--data", str(data), *towers, "--out", str(tmp_path)]
    assert main(["finetune", "--preset", "smoke", *paths, "--threads", threads]) == 1
    assert "threads is" in capsys.readouterr().err


def test_a_teacher_without_a_weight_is_a_mistake(
    run: Path, data: Path, towers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["finetune", *SMALL, "--data", str(data), *towers, "--out", str(tmp_path)]
    assert main([*command, "--teacher", str(run)]) == 1
    assert "distill" in capsys.readouterr().err


def test_a_run_with_other_settings_is_not_continued(
    run: Path, data: Path, face_network: Path, sentence_encoder: Path
) -> None:
    with pytest.raises(CheckpointError, match="other settings"):
        open_run(
            PRESETS["embedded"],
            faces=FaceSet.load(data),
            backbone=str(face_network),
            encoder=str(sentence_encoder),
            out=run,
        )


def test_a_loss_that_is_no_number_stops_the_run(
    data: Path, face_network: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    started = open_run(
        PRESETS["smoke"],
        faces=FaceSet.load(data),
        backbone=str(face_network),
        encoder=str(sentence_encoder),
        out=tmp_path,
    )
    with torch.no_grad():
        started.objective.model.log_scales["ferplus"].fill_(float("nan"))
    with pytest.raises(DivergedError, match="lower rate"):
        started.train()
    assert not (tmp_path / "state.pt").exists()


def test_a_gradient_that_is_no_number_stops_the_run_before_it_reaches_the_weights(
    data: Path, face_network: Path, sentence_encoder: Path, tmp_path: Path
) -> None:
    started = open_run(
        PRESETS["smoke"],
        faces=FaceSet.load(data),
        backbone=str(face_network),
        encoder=str(sentence_encoder),
        out=tmp_path,
    )
    scale = started.objective.model.log_scales["ferplus"]
    scale.register_hook(lambda gradient: gradient * float("inf"))
    with pytest.raises(DivergedError, match="gradient"):
        started.train()
    assert torch.isfinite(scale)


def test_the_exported_checkpoint_reads_crops_with_known_and_new_labels(checkpoint: Path) -> None:
    classifier = EmotionClassifier.from_pretrained(checkpoint)
    crop = np.full((60, 60, 3), 127, np.uint8)
    known = classifier.read([crop])[0]
    assert known.labels == classifier.labels
    assert sum(known.values()) == pytest.approx(1)
    new = classifier.read([crop, crop], labels=["joyful", "무서워하는"])
    assert new[0].probabilities == new[1].probabilities
    assert new[0].labels == ("joyful", "무서워하는")


def test_known_labels_need_no_text_tower(checkpoint: Path, tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors", "labels.safetensors"):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    classifier = EmotionClassifier.from_pretrained(tmp_path)
    crop = np.full((48, 48, 3), 127, np.uint8)
    assert classifier.read([crop], labels=["당황/난처", "비장함"])
    with pytest.raises(BrokenWeights):
        classifier.read([crop], labels=["never heard of"])


def test_the_exported_checkpoint_can_be_evaluated(
    checkpoint: Path, data: Path, tmp_path: Path
) -> None:
    paths = ["--model", str(checkpoint), "--data", str(data), "--out", str(tmp_path)]
    assert main(["evaluate", *paths]) == 0
    report = json.loads((tmp_path / "evaluate.json").read_text("utf-8"))
    assert report["model"] == "seollem-face-1"
    assert {row["group"] for row in report["figures"]} >= {"FER-2013", "FERPlus distorted"}


def test_a_folder_that_is_no_run_gives_a_message(
    data: Path, sentence_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = ["--run", str(tmp_path), "--data", str(data), "--out", str(tmp_path / "out")]
    assert main(["export", *paths, "--encoder", str(sentence_encoder)]) == 1
    assert "no weights of a finished epoch" in capsys.readouterr().err


def test_an_export_into_the_same_folder_again_is_whole(
    checkpoint: Path, run: Path, data: Path, sentence_encoder: Path
) -> None:
    paths = ["--run", str(run), "--data", str(data), "--out", str(checkpoint)]
    assert main(["export", *paths, "--encoder", str(sentence_encoder)]) == 0
    verify_checksums(checkpoint)
    verify_checksums(checkpoint, below="text/")


def test_a_text_tower_that_is_int8_already_is_not_rounded_again(
    checkpoint: Path, run: Path, data: Path, tmp_path: Path
) -> None:
    paths = ["--run", str(run), "--data", str(data), "--out", str(tmp_path)]
    assert main(["export", *paths, "--encoder", str(checkpoint / "text")]) == 0
    written, stored = (folder / "text" / INT8_FILE for folder in (tmp_path, checkpoint))
    assert written.read_bytes() == stored.read_bytes()
    verify_checksums(tmp_path, below="text/")


def test_a_checkpoint_can_be_exported_with_another_text_tower(
    checkpoint: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    paths = ["--run", str(checkpoint), "--data", str(data), "--out", str(out), "--name", "another"]
    assert main(["export", *paths, "--encoder", str(checkpoint / "text")]) == 0
    before, after = (load_file(folder / "model.safetensors") for folder in (checkpoint, out))
    assert all(torch.equal(before[key], after[key]) for key in before)
    configs = [
        json.loads((folder / "config.json").read_text("utf-8")) for folder in (checkpoint, out)
    ]
    assert configs[0]["label_biases"] == configs[1]["label_biases"]
    assert EmotionClassifier.from_pretrained(out).model_id == "another"


@pytest.mark.parametrize("name", ["settings.json", "calibration.json"])
def test_files_of_another_program_give_a_message(
    name: str, checkpoint: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(checkpoint, tmp_path / "copy")
    (copy / name).write_text("[]", "utf-8")
    paths = ["--run", str(copy), "--data", str(data), "--out", str(tmp_path / "out")]
    assert main(["export", *paths, "--encoder", str(checkpoint / "text")]) == 1
    assert "'s making" in capsys.readouterr().err


def test_an_encoder_that_is_none_gives_a_message(
    data: Path, face_network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = ["--data", str(data), "--backbone", str(face_network), "--out", str(tmp_path / "run")]
    assert main(["finetune", *SMALL, *paths, "--encoder", str(tmp_path)]) == 1
    assert "text encoder" in capsys.readouterr().err
