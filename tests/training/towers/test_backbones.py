from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional
from transformers import CLIPConfig, CLIPModel

from seollem.training.errors import CheckpointError
from seollem.training.towers.backbones import build_model
from seollem.vision.image_towers import FACE_MOBILENET_STRIDE_2
from seollem.vision.pixels import to_pixels

LABELS = {"ferplus": ["happiness", "sadness"]}


def faces(n: int = 16) -> Tensor:
    return torch.rand(n, 1, 48, 48, generator=torch.Generator().manual_seed(2)) * 255


def folded_forward(weights: dict[str, Tensor], bgr: Tensor) -> Tensor:
    """The published network as its description reads, batch norms folded."""
    x = functional.pad(bgr, (0, 1, 0, 1))
    x = functional.conv2d(x, weights["conv1.weight"], stride=2)
    x = functional.relu6(x + weights["conv1.shift"].view(1, -1, 1, 1))
    for i in range(1, 14):
        halves = i in FACE_MOBILENET_STRIDE_2
        x = functional.pad(x, (0, 1, 0, 1) if halves else (1, 1, 1, 1))
        kernel = weights[f"dw{i}.weight"]
        x = functional.conv2d(x, kernel, stride=2 if halves else 1, groups=len(kernel))
        scale, shift = (weights[f"dw{i}.{name}"].view(1, -1, 1, 1) for name in ("scale", "shift"))
        x = functional.relu6(x * scale + shift)
        x = functional.conv2d(x, weights[f"pw{i}.weight"])
        x = functional.relu6(x + weights[f"pw{i}.shift"].view(1, -1, 1, 1))
    return x.mean(dim=(2, 3))


def test_unfolded_batch_norms_leave_the_face_network_as_it_was(face_network: Path) -> None:
    model = build_model(
        str(face_network), text_dim=32, annotator_labels=LABELS, faces=faces()
    ).eval()
    weights = load_file(face_network / "model.safetensors")
    pixels = to_pixels(faces(4), model.config)
    expected = folded_forward(weights, pixels.flip(1))
    with torch.no_grad():
        assert torch.allclose(model.features(pixels), expected, atol=1e-3, rtol=1e-3)


def test_the_unfolded_network_survives_train_mode(face_network: Path) -> None:
    model = build_model(str(face_network), text_dim=32, annotator_labels=LABELS, faces=faces(64))
    pixels = to_pixels(faces(64), model.config)
    with torch.no_grad():
        calm = model.eval().features(pixels)
        training = model.train().features(pixels)
    assert functional.cosine_similarity(calm, training).min() > 0.99


def test_an_untrained_residual_head_changes_nothing(face_network: Path) -> None:
    model = build_model(
        str(face_network), text_dim=32, annotator_labels=LABELS, faces=faces(), head_depth=3
    ).eval()
    head = model.heads["ferplus"]
    features = torch.rand(4, 1024)
    assert torch.allclose(head(features), features @ head[1].weight.T, atol=1e-6)


def test_a_clip_checkpoint_gives_its_image_tower(tmp_path: Path) -> None:
    config = CLIPConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 32,
            "patch_size": 8,
        },
        text_config={"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2},
    )
    clip = CLIPModel(config).eval()
    clip.save_pretrained(tmp_path)
    model = build_model(str(tmp_path), text_dim=32, annotator_labels=LABELS, faces=faces()).eval()
    pixels = to_pixels(faces(2), model.config)
    with torch.no_grad():
        assert torch.allclose(
            model.features(pixels), clip.vision_model(pixels).pooler_output, atol=1e-5
        )


def test_a_backbone_that_cannot_be_had_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="face MobileNet"):
        build_model(str(tmp_path), text_dim=32, annotator_labels=LABELS, faces=faces())
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="local folder"):
        build_model(str(tmp_path), text_dim=32, annotator_labels=LABELS, faces=faces())
