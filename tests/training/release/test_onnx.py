"""The shipped checkpoint as ONNX, and what reads it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from torch import nn

from checkout import PORTRAITS
from seollem.scoring.emotions import FACE_EMOTIONS, FER2013, KOTE
from seollem.training.data.faces import FaceSet, Split
from seollem.training.release import onnx as onnx_command
from seollem.training.release import onnx_graph
from seollem.vision.checkpoints import verify_checksums, write_checksums
from seollem.vision.classifier import WEIGHTS, EmotionClassifier, FaceReader
from seollem.vision.errors import BrokenWeights
from seollem.vision.errors import MissingExtra as VisionMissingExtra
from seollem.vision.model import EmotionCLIP, EmotionCLIPConfig
from seollem.vision.onnx_model import OnnxModel
from training_command import main

pytestmark = pytest.mark.slow

# The faces as the analyzer frames them: left, top, right, bottom, in pixels.
FACES = {"astronaut.jpg": (164, 58, 286, 180), "grace_hopper.jpg": (148, 96, 386, 334)}


def portrait_crops() -> list[NDArray[np.uint8]]:
    """The two portraits' faces, grey, 48 × 48, under twelve kinds of light and framing each."""
    crops = []
    for name, box in FACES.items():
        with Image.open(PORTRAITS / name) as image:
            grey = image.convert("L")
        for margin in (-8, 0, 12):
            left, top, right, bottom = box
            framed = grey.crop((left - margin, top - margin, right + margin, bottom + margin))
            for light in (0.6, 1.2):
                face = ImageEnhance.Brightness(framed).enhance(light).resize((48, 48))
                crops += [np.asarray(face), np.asarray(ImageOps.mirror(face))]
    return crops


@pytest.fixture(scope="module")
def portrait_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The crops as prepared data: smiles and earnest faces, to train and to validate on."""
    images = np.stack(portrait_crops())
    votes = np.zeros((len(images), 10), np.int64)
    votes[:12, FACE_EMOTIONS.index("happiness")] = 10
    votes[12:, FACE_EMOTIONS.index("neutral")] = 10
    labels = np.repeat([FER2013.index("happiness"), FER2013.index("neutral")], 12)
    splits = np.tile([Split.TRAINING, Split.PUBLIC, Split.PUBLIC], 8).astype(np.int64)
    path = tmp_path_factory.mktemp("portraits") / "faces.npz"
    FaceSet(images, labels, votes, splits, np.zeros(len(images), bool)).save(path)
    return path


@pytest.fixture(scope="module")
def exported(portrait_faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("onnx")
    paths = ["--model", str(WEIGHTS), "--data", str(portrait_faces), "--out", str(out)]
    assert main(["onnx", *paths]) == 0
    return out


def test_float32_reads_as_pytorch_does_and_int8_nearly(exported: Path) -> None:
    rows = {row["form"]: row for row in json.loads((exported / "report.json").read_text())}
    assert rows["PyTorch"]["difference"] == 0
    assert rows["ONNX fp32"]["difference"] < 1e-3
    assert rows["ONNX fp32"]["agreement"] == 1
    assert rows["ONNX int8"]["difference"] < 0.35
    assert rows["ONNX int8"]["agreement"] >= 0.8
    assert rows["ONNX int8"]["megabytes"] < 0.5 * rows["ONNX fp32"]["megabytes"]
    assert "| ONNX int8 |" in (exported / "int8" / "README.md").read_text()


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_vision_reads_any_number_of_crops_with_any_labels(exported: Path, precision: str) -> None:
    classifier = EmotionClassifier.from_pretrained(exported / precision, threads=1)
    smile = np.repeat(portrait_crops()[2][..., None], 3, axis=2)
    assert classifier.read([]) == ()
    (alone,) = classifier.read([smile])
    assert alone.labels == FACE_EMOTIONS
    assert alone.top(1).labels == ("happiness",)
    assert sum(alone.values()) == pytest.approx(1)
    many = classifier.read([smile] * 5, KOTE)
    assert many[4].probabilities == pytest.approx(many[0].probabilities)
    (unheard_of,) = classifier.read([smile], ("끝내주게 신난", "몹시 침통한"))
    assert unheard_of.top(1).labels == ("끝내주게 신난",)


def test_the_folders_are_whole_checkpoints_with_their_notices(exported: Path) -> None:
    for precision in ("fp32", "int8"):
        verify_checksums(exported / precision)
        verify_checksums(exported / precision, below="text/")
        assert "Vladimir Mandic" in (exported / precision / "NOTICE").read_text()
        sums = json.loads((exported / precision / "checksums.json").read_text())
        assert "model.onnx" in sums
    assert not (exported / ".partial").exists()


def test_readings_say_that_the_model_was_rounded(exported: Path) -> None:
    exact, rounded = (EmotionClassifier.from_pretrained(exported / p) for p in ("fp32", "int8"))
    assert rounded.model_id == f"{exact.model_id}-int8"


def test_a_translation_that_reads_otherwise_is_not_kept(
    exported: Path,
    portrait_faces: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def write_again(source: Path, training: FaceSet, out: Path) -> None:
        shutil.copytree(exported, out, dirs_exist_ok=True)

    monkeypatch.setattr(onnx_command, "write_both", write_again)
    monkeypatch.setattr(onnx_command, "MOST_DIFFERENCE", 0.0)
    paths = ["--model", str(WEIGHTS), "--data", str(portrait_faces), "--out", str(tmp_path)]
    assert main(["onnx", *paths]) == 1
    assert "not translated faithfully" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_without_the_extra_the_command_says_what_to_install(
    portrait_faces: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    paths = ["--model", str(WEIGHTS), "--data", str(portrait_faces), "--out", str(tmp_path)]
    assert main(["onnx", *paths]) == 1
    assert "seollem[onnx]" in capsys.readouterr().err


def test_without_the_extra_a_folder_of_onnx_says_what_to_install(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(VisionMissingExtra, match=r"seollem\[onnx\]"):
        EmotionClassifier.from_pretrained(exported / "int8")


@pytest.mark.parametrize("damage", ["cut off", "altered", "of something else"])
def test_a_damaged_file_is_refused(exported: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(exported / "int8", folder)
    file = folder / "model.onnx"
    if damage == "of something else":
        from onnx import TensorProto, helper, save

        value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
        result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
        node = helper.make_node("Relu", ["x"], ["y"])
        save(helper.make_model(helper.make_graph([node], "other", [value], [result])), file)
    else:
        data = file.read_bytes()
        file.write_bytes(data[:1000] if damage == "cut off" else data + b"!")
    if damage != "altered":
        write_checksums(folder)
    with pytest.raises(BrokenWeights):
        EmotionClassifier.from_pretrained(folder)


TOWERS = {
    "ViT": {
        "model_type": "clip_vision_model",
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 16,
    },
    "ResNet": {
        "model_type": "resnet",
        "embedding_size": 8,
        "hidden_sizes": [8, 16],
        "depths": [1, 1],
    },
}


@pytest.mark.parametrize("tower", TOWERS)
def test_other_towers_and_projected_labels_go_into_a_graph_too(tower: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    config = EmotionCLIPConfig(
        image_tower=TOWERS[tower],
        image_size=32,
        crop_size=24,
        color=True,
        projection_dim=16,
        text_dim=12,
        image_depth=1,
        annotator_labels={"ferplus": ["joy", "fear"]},
    )
    model = EmotionCLIP(config)
    faces, vectors = torch.rand(3, 3, 24, 24) * 255, torch.randn(5, 12)
    nn.Module.eval(model)
    with torch.inference_mode():
        expected = FaceReader(model)(faces, vectors)
    onnx_graph.write_graph(model, vectors, tmp_path / "model.onnx")
    logits = OnnxModel(tmp_path / "model.onnx", threads=1)(faces, vectors)
    assert logits.shape == (3, 5)
    assert torch.allclose(logits, expected, atol=1e-3)
