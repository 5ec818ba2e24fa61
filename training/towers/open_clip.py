"""CLIP's ResNets, from the folders that OpenCLIP publishes them in (RN50, RN101, RN50x4 …)."""

import json
import re
from pathlib import Path
from typing import Any, cast

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from seollem.training.errors import CheckpointError
from seollem.training.towers.clip import CLIP_MEAN, CLIP_STD
from seollem.vision.heads import ProjectionHead
from seollem.vision.model import EmotionCLIP, EmotionCLIPConfig

CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILE = "open_clip_model.safetensors"
# Published names → ClipResNet's, whose layers stand in sequences.
STEM = {"conv1": "0", "bn1": "1", "conv2": "3", "bn2": "4", "conv3": "6", "bn3": "7"}
BODY = STEM | {"conv3": "7", "bn3": "8"}
SHORTCUT = {"0": "1", "1": "2"}


def is_open_clip(folder: Path) -> bool:
    """Whether a folder is one of OpenCLIP's."""
    return (folder / CONFIG_FILE).is_file()


def open_clip_model(folder: Path, settings: dict[str, Any]) -> EmotionCLIP:
    """An EmotionCLIP over the folder's ResNet.

    Its tower ends in CLIP's shared space. Where the model's space has the same size, the heads
    start as the identity.

    Raises:
        CheckpointError: files are missing or damaged, or of another network.
    """
    try:
        published = json.loads((folder / CONFIG_FILE).read_text("utf-8"))["model_cfg"]
        vision = published["vision_cfg"]
        tower = {
            "model_type": "clip-resnet",
            "layers": list(vision["layers"]),
            "width": int(vision["width"]),
            "image_size": int(vision["image_size"]),
            "outputs": int(published["embed_dim"]),
        }
        weights = load_file(folder / WEIGHTS_FILE)
        config = EmotionCLIPConfig(
            image_tower=tower,
            pixel_mean=CLIP_MEAN,
            pixel_std=CLIP_STD,
            **(settings | {"image_size": tower["image_size"]}),
        )
        model = EmotionCLIP(config)
        model.image_tower.load_state_dict(renamed(weights))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(
            f"{folder} holds no CLIP ResNet that can be read ({error}). It takes {CONFIG_FILE} "
            f"with a list of layers, and {WEIGHTS_FILE}."
        ) from error
    if config.projection_dim == tower["outputs"]:
        for head in model.heads.values():
            nn.init.eye_(cast("ProjectionHead", head).linear.weight)
    return model


def renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The published image tower under ClipResNet's names."""
    return {
        _own_name(name.removeprefix("visual.")): tensor.float()
        for name, tensor in weights.items()
        if name.startswith("visual.")
    }


def _own_name(name: str) -> str:
    """``layer1.0.conv2.weight`` → ``stages.0.0.body.3.weight``, and so on."""
    stage = re.match(r"layer(\d)\.(\d+)\.", name)
    if stage is None:
        layer, _, rest = name.partition(".")
        return f"stem.{STEM[layer]}.{rest}" if layer in STEM else name.replace("attnpool", "pool")
    layer, _, rest = name[stage.end() :].partition(".")
    block = f"stages.{int(stage[1]) - 1}.{stage[2]}"
    if layer in BODY:
        return f"{block}.body.{BODY[layer]}.{rest}"
    number, _, rest = rest.partition(".")
    return f"{block}.shortcut.{SHORTCUT[number]}.{rest}"
