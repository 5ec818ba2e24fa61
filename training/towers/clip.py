"""The projections of CLIP checkpoints into the shared space."""

from dataclasses import dataclass
from typing import cast

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoConfig, CLIPModel

from seollem.training.errors import CheckpointError
from seollem.vision.heads import ProjectionHead
from seollem.vision.model import EmotionCLIP

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)  # RGB, of pixels in [0, 1]
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True)
class Projections:
    """CLIP's maps into its shared space: ``image`` (D, image size) and ``text`` (D, text size)."""

    image: Tensor
    text: Tensor


def read_projections(checkpoint: str) -> Projections | None:
    """The projections of a CLIP in a folder or on the hub; None of any other checkpoint.

    Raises:
        CheckpointError: it is a CLIP and cannot be read.
    """
    try:
        if AutoConfig.from_pretrained(checkpoint).model_type != "clip":
            return None
    except (OSError, ValueError, KeyError):  # of a kind that others read
        return None
    try:
        clip = CLIPModel.from_pretrained(checkpoint, dtype=torch.float32)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(f"The CLIP {checkpoint!r} cannot be loaded ({error}).") from error
    return Projections(clip.visual_projection.weight.detach(), clip.text_projection.weight.detach())


@torch.no_grad()
def keep_projections(
    model: EmotionCLIP, image: Projections | None, text: Projections | None
) -> None:
    """Copy the projections that fit the model; untrained, it then predicts as CLIP does.

    Args:
        image: of the image tower's checkpoint.
        text: of the text tower's.
    """
    for head in model.heads.values():
        _copy(image.image if image else None, cast("ProjectionHead", head).linear)
    if model.text_projection is not None:
        _copy(text.text if text else None, model.text_projection)


def _copy(weight: Tensor | None, layer: nn.Linear) -> None:
    if weight is not None and weight.shape == layer.weight.shape:
        layer.weight.copy_(weight)
