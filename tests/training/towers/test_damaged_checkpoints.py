"""Checkpoints that were cut off, overwritten or mixed up give a message, in every command."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPModel, ResNetConfig, ResNetModel

from seollem.training.data.faces import FaceSet
from seollem.training.errors import CheckpointError
from seollem.training.finetune.targets import teach
from seollem.training.runs.folder import load_state
from seollem.training.towers.backbones import build_model
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.training.towers.clip import read_projections
from seollem.vision.errors import BrokenWeights
from seollem.vision.label_vectors import LabelSpace
from training_command import main

FACES = torch.rand(8, 1, 48, 48) * 255
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "random": lambda data: bytes(range(7, 256)) * 8,
    "an endless header": lambda data: b"\xff" * 7 + b"\x7f" + data[8:],
}
damages = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())


def spoil(folder: Path, damage: Callable[[bytes], bytes], name: str = "model.safetensors") -> None:
    (folder / name).write_bytes(damage((folder / name).read_bytes()))


@pytest.fixture
def copy(untrained_checkpoint: Path, tmp_path: Path) -> Path:
    return shutil.copytree(untrained_checkpoint, tmp_path / "copy")


def no_tower() -> NoReturn:
    raise AssertionError("no text tower is needed")


@damages
def test_a_damaged_run_cannot_be_exported_taught_from_or_gone_on_from(
    copy: Path, damage: Callable[[bytes], bytes], few_faces: FaceSet
) -> None:
    spoil(copy, damage)
    with pytest.raises(CheckpointError, match="no weights of a finished epoch"):
        load_checkpoint(copy)
    with pytest.raises(CheckpointError):
        teach([copy], few_faces, {}, torch.device("cpu"))
    with pytest.raises(CheckpointError):
        build_model(str(copy), text_dim=32, faces=FACES, annotator_labels={"ferplus": ["joy"]})


def test_a_damaged_run_is_a_line_on_standard_error(
    copy: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(copy, DAMAGES["cut off"])
    paths = ["--data", str(data), "--out", str(tmp_path / "out")]
    assert main(["wise-ft", "--run", str(copy), *paths]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{copy} holds no weights")


def test_weights_of_another_architecture_are_not_filled_up_at_random(copy: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    lost = "heads.ferplus.1.weight"
    save_file({n: t for n, t in weights.items() if n != lost}, copy / "model.safetensors")
    with pytest.raises(CheckpointError, match=lost):
        load_checkpoint(copy)


def test_a_config_of_another_kind_is_no_run(copy: Path, sentence_encoder: Path) -> None:
    with pytest.raises(CheckpointError):
        load_checkpoint(sentence_encoder)
    (copy / "config.json").write_text(json.dumps({"image_tower": 3}))
    with pytest.raises(CheckpointError):
        load_checkpoint(copy)


@damages
def test_a_damaged_backbone_says_what_to_give(
    damage: Callable[[bytes], bytes], face_network: Path, tmp_path: Path
) -> None:
    mobile_net = shutil.copytree(face_network, tmp_path / "face")
    other = tmp_path / "resnet"
    ResNetModel(ResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1])).save_pretrained(
        other
    )
    for folder in (mobile_net, other):
        spoil(folder, damage)
        with pytest.raises(CheckpointError):
            build_model(str(folder), text_dim=8, faces=FACES, annotator_labels={"ferplus": ["joy"]})


@damages
def test_a_damaged_clip_is_told(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    small = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    config = CLIPConfig(vision_config=small, text_config=small | {"vocab_size": 10})
    CLIPModel(config).save_pretrained(tmp_path)
    spoil(tmp_path, damage)
    with pytest.raises(CheckpointError, match="CLIP"):
        read_projections(str(tmp_path))


@damages
def test_a_damaged_state_is_told(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    torch.save({"step": 3}, tmp_path / "state.pt")
    spoil(tmp_path, damage, "state.pt")
    with pytest.raises(CheckpointError, match="damaged"):
        load_state(tmp_path)


def test_a_state_that_is_no_state_is_told(tmp_path: Path) -> None:
    torch.save(torch.zeros(3), tmp_path / "state.pt")
    with pytest.raises(CheckpointError, match="damaged"):
        load_state(tmp_path)


@damages
def test_damaged_label_vectors_are_told(damage: Callable[[bytes], bytes], copy: Path) -> None:
    spoil(copy, damage, "labels.safetensors")
    with pytest.raises(BrokenWeights, match="missing or damaged"):
        LabelSpace.load(copy, no_tower)


def test_label_vectors_without_their_labels_are_told(copy: Path) -> None:
    tensors = load_file(copy / "labels.safetensors")
    save_file(tensors, copy / "labels.safetensors", metadata={"labels": "[]"})
    with pytest.raises(BrokenWeights, match="missing or damaged"):
        LabelSpace.load(copy, no_tower)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_encoder_is_not_cut(name: str, sentence_encoder: Path, tmp_path: Path) -> None:
    encoder = shutil.copytree(sentence_encoder, tmp_path / "encoder")
    spoil(encoder, DAMAGES["cut off"], name)
    (tmp_path / "texts.txt").write_text("happy")
    paths = ["--encoder", str(encoder), "--corpus", str(tmp_path / "texts.txt")]
    assert main(["cut", *paths, "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()


@damages
def test_a_damaged_text_tower_stops_a_run_before_it_begins(
    damage: Callable[[bytes], bytes],
    face_network: Path,
    sentence_encoder: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    encoder = shutil.copytree(sentence_encoder, tmp_path / "encoder")
    spoil(encoder, damage)
    paths = ["--data", str(data), "--backbone", str(face_network), "--encoder", str(encoder)]
    assert main(["finetune", "--preset", "smoke", *paths, "--out", str(tmp_path / "run")]) == 1
    assert "text encoder" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
