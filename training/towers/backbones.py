"""Pre-trained towers → an EmotionCLIP ready for fine-tuning."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from seollem.training.errors import CheckpointError
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.training.towers.clip import (
    CLIP_MEAN,
    CLIP_STD,
    Projections,
    keep_projections,
    read_projections,
)
from seollem.training.towers.open_clip import is_open_clip, open_clip_model
from seollem.vision.image_towers import FaceMobileNet, TransformersTower
from seollem.vision.model import EmotionCLIP, EmotionCLIPConfig
from seollem.vision.pixels import to_pixels

# Of the face network's original training: RGB, of pixels in [0, 1]; it took 0–255 less a mean.
FACE_MEAN = (123.68 / 255, 116.779 / 255, 103.939 / 255)
FACE_STD = (1 / 255, 1 / 255, 1 / 255)


def build_model(
    backbone: str,
    *,
    text_dim: int,
    faces: Tensor,
    text: Projections | None = None,
    **settings: Any,
) -> EmotionCLIP:
    """An EmotionCLIP whose image tower starts from pre-trained weights.

    Args:
        backbone: a folder with the face MobileNet's ``model.safetensors``, with a CLIP ResNet of
            OpenCLIP's, an EmotionCLIP, a CLIP or another Transformers checkpoint, or the name of
            one of the latter two on the hub.
        text_dim: the text tower's hidden size.
        faces: (N, C, 48, 48) in [0, 255], training faces to measure batch statistics on.
        text: the text tower's projections, where it is a CLIP's.
        settings: ``annotator_labels``, ``head_depth``, ``image_size`` … of EmotionCLIPConfig;
            ``projection_dim`` 0 takes the text tower's size, and label vectors as they are.

    Raises:
        CheckpointError: the backbone cannot be read or has no vision model.
    """
    shared = settings | {"text_dim": None}
    if shared.setdefault("projection_dim", 0):
        shared["text_dim"] = text_dim
    else:
        shared["projection_dim"] = text_dim
    folder = Path(backbone)
    if is_open_clip(folder):
        return open_clip_model(folder, shared)
    if folder.is_dir() and not (folder / "config.json").is_file():
        config = EmotionCLIPConfig(pixel_mean=FACE_MEAN, pixel_std=FACE_STD, **shared)
        model = EmotionCLIP(config)
        tower = cast("FaceMobileNet", model.image_tower)
        load_face_mobilenet(tower, folder, to_pixels(faces, config))
        keep_projections(model, None, text)
        return model
    if model_type(folder) == EmotionCLIPConfig.model_type:
        return _continued(folder, shared)
    try:
        vision = AutoConfig.from_pretrained(backbone)
        vision = getattr(vision, "vision_config", vision)
        pretrained = AutoModel.from_pretrained(backbone, config=vision, dtype=torch.float32)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        raise CheckpointError(
            f"The backbone {backbone!r} cannot be loaded ({error}). "
            "Name a local folder, or a model of the hub that lies in its cache."
        ) from error
    if hasattr(vision, "image_size"):  # its positions are counted
        shared["image_size"] = int(vision.image_size)
    config = EmotionCLIPConfig(
        image_tower=vision.to_diff_dict() | {"model_type": vision.model_type},
        pixel_mean=CLIP_MEAN,
        pixel_std=CLIP_STD,
        **shared,
    )
    model = EmotionCLIP(config)
    cast("TransformersTower", model.image_tower).model = pretrained
    keep_projections(model, read_projections(backbone), text)
    return model


def model_type(folder: Path) -> str | None:
    """The ``model_type`` of a folder's config.json; None where there is no such file."""
    try:
        settings = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return settings.get("model_type") if isinstance(settings, dict) else None


def _continued(folder: Path, shared: dict[str, Any]) -> EmotionCLIP:
    """The tower of a trained EmotionCLIP under these settings, and its heads where they fit."""
    trained = load_checkpoint(folder)
    kept = ["image_tower", "pixel_mean", "pixel_std", "color"]
    if "image_size" in trained.config.image_tower:
        kept.append("image_size")
    settings = shared | {name: getattr(trained.config, name) for name in kept}
    model = EmotionCLIP(EmotionCLIPConfig(**settings))
    own = model.state_dict()
    fitting = {
        name: tensor
        for name, tensor in trained.state_dict().items()
        if name in own and own[name].shape == tensor.shape
    }
    model.load_state_dict(own | fitting)
    return model


@torch.no_grad()
def load_face_mobilenet(tower: FaceMobileNet, folder: Path, pixels: Tensor) -> None:
    """Load the face network and unfold its batch norms, which train mode needs.

    The published weights have them folded into y = ReLU6(scale · conv(x) + shift). Each norm's
    running mean and variance are measured on ``pixels`` (N, 3, S, S); its weight and bias are set
    so that the layer's function is unchanged.

    Raises:
        CheckpointError: the file is missing, damaged or of another network.
    """
    path = folder / "model.safetensors"
    try:
        weights = {name: tensor.float() for name, tensor in load_file(path).items()}
        x = _unfold(tower.stem, 1, weights, "conv1", pixels, flip=True)
        blocks = cast("Iterable[nn.Sequential]", tower.blocks)
        for number, block in enumerate(blocks, start=1):
            x = _unfold(cast("nn.Sequential", block[:4]), 1, weights, f"dw{number}", x)
            x = _unfold(cast("nn.Sequential", block[4:]), 0, weights, f"pw{number}", x)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise CheckpointError(f"{path} is not the face MobileNet ({error}).") from error


def _unfold(
    layers: nn.Sequential,
    at: int,
    weights: dict[str, Tensor],
    name: str,
    x: Tensor,
    *,
    flip: bool = False,
) -> Tensor:
    """Load the convolution at ``at`` and the norm behind it; returns the layers' output for x."""
    conv, norm = cast("nn.Conv2d", layers[at]), cast("nn.BatchNorm2d", layers[at + 1])
    kernel = weights[f"{name}.weight"]
    conv.weight.copy_(kernel.flip(1) if flip else kernel)  # published for BGR
    shift = weights[f"{name}.shift"]
    scale = weights.get(f"{name}.scale", torch.ones_like(shift))
    convolved = layers[: at + 1](x)
    mean, variance = convolved.mean(dim=(0, 2, 3)), convolved.var(dim=(0, 2, 3), unbiased=False)
    norm.get_buffer("running_mean").copy_(mean)
    norm.get_buffer("running_var").copy_(variance)
    norm.weight.copy_(scale * (variance + norm.eps).sqrt())
    norm.bias.copy_(shift + scale * mean)
    output: Tensor = layers.eval()(x)
    return output
