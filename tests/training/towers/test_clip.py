"""CLIP checkpoints: what they know is kept."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPConfig, CLIPModel

from seollem.training.errors import CheckpointError
from seollem.training.towers.backbones import build_model
from seollem.training.towers.clip import read_projections

LABELS = {"ferplus": ["happiness", "sadness"], "fer2013": ["anger"]}
FACES = torch.rand(4, 1, 48, 48) * 255


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CLIPModel]:
    config = CLIPConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 32,
            "patch_size": 8,
        },
        text_config={
            "hidden_size": 24,
            "intermediate_size": 48,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "vocab_size": 50,
        },
        projection_dim=16,
    )
    folder = tmp_path_factory.mktemp("clip")
    torch.manual_seed(4)
    model = CLIPModel(config).eval()
    model.save_pretrained(folder)
    return folder, model


def test_an_untrained_model_over_both_halves_of_a_clip_reads_as_it_does(
    clip: tuple[Path, CLIPModel],
) -> None:
    folder, whole = clip
    projections = read_projections(str(folder))
    assert projections is not None
    model = build_model(
        str(folder),
        text_dim=24,
        faces=FACES,
        text=projections,
        annotator_labels=LABELS,
        projection_dim=16,
        head_depth=2,
    )
    nn.Module.eval(model)
    pixels, ids = torch.rand(3, 3, 32, 32), torch.randint(2, 49, (5, 7))
    with torch.no_grad():
        pooled = functional.normalize(whole.text_model(ids).pooler_output, dim=1)
        for annotator in LABELS:
            cosines = model(pixels, pooled, annotator) / model.scale(annotator)
            own = whole(input_ids=ids, pixel_values=pixels)
            expected = own.logits_per_image / whole.logit_scale.exp()
            assert torch.allclose(cosines, expected, atol=1e-5)


def test_only_a_clip_has_projections(sentence_encoder: Path, face_network: Path) -> None:
    assert read_projections(str(sentence_encoder)) is None
    assert read_projections(str(face_network)) is None


def published_resnet(folder: Path, *, layers: list[int], width: int) -> dict[str, Tensor]:
    """Random weights in OpenCLIP's form, for pictures of 32 pixels and a space of 12."""
    weights: dict[str, Tensor] = {}

    def convolution(name: str, inputs: int, outputs: int, size: int) -> None:
        weights[f"{name}.weight"] = torch.randn(outputs, inputs, size, size) / inputs**0.5 / size

    def norm(name: str, size: int) -> None:
        weights[f"{name}.weight"], weights[f"{name}.bias"] = torch.rand(size), torch.rand(size)
        weights[f"{name}.running_mean"] = torch.randn(size) * 0.1
        weights[f"{name}.running_var"] = torch.rand(size) + 0.5
        weights[f"{name}.num_batches_tracked"] = torch.tensor(1)

    for number, (inputs, outputs) in enumerate(
        ((3, width // 2), (width // 2, width // 2), (width // 2, width)), start=1
    ):
        convolution(f"visual.conv{number}", inputs, outputs, 3)
        norm(f"visual.bn{number}", outputs)
    inputs = width
    for stage, depth in enumerate(layers):
        inner = width * 2**stage
        for block in range(depth):
            name = f"visual.layer{stage + 1}.{block}"
            for number, (i, o, size) in enumerate(
                ((inputs, inner, 1), (inner, inner, 3), (inner, 4 * inner, 1)), start=1
            ):
                convolution(f"{name}.conv{number}", i, o, size)
                norm(f"{name}.bn{number}", o)
            if block == 0:
                convolution(f"{name}.downsample.0", inputs, 4 * inner, 1)
                norm(f"{name}.downsample.1", 4 * inner)
            inputs = 4 * inner
    weights["visual.attnpool.positional_embedding"] = torch.randn(2, inputs) * 0.1
    for part, outputs in {"q": inputs, "k": inputs, "v": inputs, "c": 12}.items():
        weights[f"visual.attnpool.{part}_proj.weight"] = torch.randn(outputs, inputs) / inputs**0.5
        weights[f"visual.attnpool.{part}_proj.bias"] = torch.randn(outputs) * 0.1
    weights["logit_scale"] = torch.tensor(4.6)
    save_file(weights, folder / "open_clip_model.safetensors")
    config = {"embed_dim": 12, "vision_cfg": {"image_size": 32, "layers": layers, "width": width}}
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
    return weights


def published_forward(weights: dict[str, Tensor], pixels: Tensor) -> Tensor:
    """The ResNet of CLIP as its paper's code describes it, layer by layer."""

    def layer(x: Tensor, at: str, conv: str, norm: str, stride: int = 1) -> Tensor:
        kernel = weights[f"{at}.{conv}.weight"]
        x = functional.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2)
        mean, variance = weights[f"{at}.{norm}.running_mean"], weights[f"{at}.{norm}.running_var"]
        return functional.batch_norm(
            x, mean, variance, weights[f"{at}.{norm}.weight"], weights[f"{at}.{norm}.bias"]
        )

    x = pixels
    for number in (1, 2, 3):
        x = layer(x, "visual", f"conv{number}", f"bn{number}", 2 if number == 1 else 1).relu()
    x = functional.avg_pool2d(x, 2)
    for stage in (1, 2, 3, 4):
        block = 0
        while f"visual.layer{stage}.{block}.conv1.weight" in weights:
            at = f"visual.layer{stage}.{block}"
            halves = stage > 1 and block == 0
            y = layer(layer(x, at, "conv1", "bn1").relu(), at, "conv2", "bn2").relu()
            y = layer(functional.avg_pool2d(y, 2) if halves else y, at, "conv3", "bn3")
            if block == 0:
                x = layer(
                    functional.avg_pool2d(x, 2) if halves else x, at, "downsample.0", "downsample.1"
                )
            x = (x + y).relu()
            block += 1
    tokens = x.flatten(2).permute(2, 0, 1)
    tokens = torch.cat([tokens.mean(dim=0, keepdim=True), tokens])
    tokens = tokens + weights["visual.attnpool.positional_embedding"].unsqueeze(1)
    part = {name: f"visual.attnpool.{name}_proj" for name in "qkvc"}
    pooled, _ = functional.multi_head_attention_forward(
        query=tokens[:1],
        key=tokens,
        value=tokens,
        embed_dim_to_check=tokens.shape[-1],
        num_heads=tokens.shape[-1] // 64,
        in_proj_weight=None,
        in_proj_bias=torch.cat([weights[f"{part[name]}.bias"] for name in "qkv"]),
        bias_k=None,
        bias_v=None,
        add_zero_attn=False,
        dropout_p=0.0,
        out_proj_weight=weights[f"{part['c']}.weight"],
        out_proj_bias=weights[f"{part['c']}.bias"],
        use_separate_proj_weight=True,
        q_proj_weight=weights[f"{part['q']}.weight"],
        k_proj_weight=weights[f"{part['k']}.weight"],
        v_proj_weight=weights[f"{part['v']}.weight"],
        training=False,
    )
    return pooled.squeeze(0)


def test_a_published_clip_resnet_computes_what_it_did(tmp_path: Path) -> None:
    torch.manual_seed(6)
    weights = published_resnet(tmp_path, layers=[1, 2, 1, 1], width=8)
    model = build_model(
        str(tmp_path), text_dim=24, faces=FACES, annotator_labels=LABELS, projection_dim=12
    )
    nn.Module.eval(model)
    pixels = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        features = model.features(pixels)
        assert torch.allclose(features, published_forward(weights, pixels), atol=1e-4)
        assert torch.allclose(model.embed(features), functional.normalize(features, dim=1))


def test_a_folder_of_open_clip_without_a_resnet_says_so(tmp_path: Path) -> None:
    (tmp_path / "open_clip_config.json").write_text('{"model_cfg": {"embed_dim": 5}}')
    with pytest.raises(CheckpointError, match="CLIP ResNet"):
        build_model(str(tmp_path), text_dim=24, faces=FACES, annotator_labels=LABELS)
