"""Which layers of a tower learn, and how fast."""

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import CLIPVisionConfig, ResNetConfig

from seollem.training.errors import SettingsError
from seollem.training.towers.layers import (
    checkpoint_layers,
    freeze,
    freeze_norms,
    parameter_groups,
    stage_count,
    stage_numbers,
)
from seollem.vision.model import EmotionCLIP, EmotionCLIPConfig

VIT = CLIPVisionConfig(
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=3,
    num_attention_heads=2,
    image_size=32,
    patch_size=8,
)
RESNET = ResNetConfig(
    embedding_size=8, hidden_sizes=[8, 16, 24], depths=[1, 2, 1], layer_type="basic"
)


def model_over(tower: dict[str, object] | None = None) -> EmotionCLIP:
    config = EmotionCLIPConfig(image_tower=tower, image_size=32, projection_dim=16)
    return EmotionCLIP(config)


def vit() -> EmotionCLIP:
    return model_over(VIT.to_diff_dict() | {"model_type": "clip_vision_model"})


def resnet() -> EmotionCLIP:
    return model_over(RESNET.to_diff_dict() | {"model_type": "resnet"})


def test_a_tower_is_counted_in_its_own_blocks() -> None:
    assert stage_count(model_over()) == 14  # the stem and thirteen blocks
    assert stage_count(vit()) == 4  # embeddings and three layers
    assert stage_count(resnet()) == 4
    numbers = stage_numbers(vit().image_tower)
    assert numbers["model.embeddings.class_embedding"] == 0
    assert numbers["model.post_layernorm.weight"] == 3


@pytest.mark.parametrize("build", [model_over, vit, resnet])
def test_every_tower_gives_its_features(build: object) -> None:
    model = build()  # type: ignore[operator]
    features = model.features(torch.rand(2, 3, 32, 32))
    assert features.shape == (2, model.image_tower.hidden_size)


def test_frozen_stages_get_no_gradient_and_keep_their_norms() -> None:
    model = resnet()
    freeze(model, 2)
    model.train()
    freeze_norms(model.image_tower)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.features(torch.rand(4, 3, 32, 32)).sum().backward()
    numbers = stage_numbers(model.image_tower)
    for name, parameter in model.image_tower.named_parameters():
        assert (parameter.grad is not None) == (numbers[name] >= 2), name
    moved = {name for name, tensor in model.state_dict().items() if not tensor.equal(before[name])}
    assert moved
    assert not any("embedder" in name or "stages.0" in name for name in moved)


def test_more_stages_than_there_are_cannot_be_frozen() -> None:
    with pytest.raises(SettingsError, match="has 4 stages"):
        freeze(vit(), 5)


def test_rates_fall_towards_the_pixels_and_vectors_do_not_decay() -> None:
    objective = nn.Module()
    objective.model = vit()
    groups = parameter_groups(
        objective,
        "model.image_tower",
        rate=1e-3,
        layer_decay=0.5,
        weight_decay=0.02,
        peak=lambda _: 5e-3,
        spared="embeddings",
    )
    spared = {id(p) for name, p in objective.named_parameters() if "embeddings" in name}
    assert sum(len(group["params"]) for group in groups) == len(list(objective.parameters()))
    assert {group["peak"] for group in groups} == {5e-3, 1e-3, 5e-4, 2.5e-4, 1.25e-4}
    for group in groups:
        for parameter in group["params"]:
            decays = parameter.ndim > 1 and id(parameter) not in spared
            assert group["weight_decay"] == (0.02 if decays else 0)


def test_kept_borders_give_the_same_gradients() -> None:
    pixels = torch.rand(2, 3, 32, 32)
    model = vit().train()
    model.features(pixels).sum().backward()
    expected = [p.grad.clone() for p in model.image_tower.parameters() if p.grad is not None]
    model.zero_grad()
    checkpoint_layers(model)
    model.features(pixels).sum().backward()
    found = [p.grad for p in model.image_tower.parameters() if p.grad is not None]
    for one, other in zip(expected, found, strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_a_tower_with_batch_norms_keeps_all_activations() -> None:
    with pytest.raises(SettingsError, match="accumulate"):
        checkpoint_layers(model_over())


def test_a_saved_model_keeps_its_tower_its_depth_and_its_text_projection(tmp_path: Path) -> None:
    tower = RESNET.to_diff_dict() | {"model_type": "resnet"}
    config = EmotionCLIPConfig(
        image_tower=tower, projection_dim=16, text_dim=24, image_depth=2, image_size=32
    )
    model = EmotionCLIP(config)
    nn.Module.eval(model)
    model.save_pretrained(tmp_path)
    again = EmotionCLIP.from_pretrained(tmp_path)
    pixels = torch.rand(2, 3, 32, 32)
    labels = nn.functional.normalize(torch.rand(5, 24), dim=1)
    logits = model(pixels, labels)
    assert logits.shape == (2, 5)
    assert torch.allclose(again(pixels, labels), logits, atol=1e-5)


def test_added_depth_changes_nothing_before_it_has_learnt() -> None:
    torch.manual_seed(1)
    deep = EmotionCLIP(EmotionCLIPConfig(image_depth=2, image_size=32))
    nn.Module.eval(deep)
    pixels = torch.rand(2, 3, 32, 32)
    assert torch.equal(deep.features(pixels), deep.image_tower(pixels))
