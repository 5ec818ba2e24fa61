"""A model's view of many faces, as the classifier sees them: each with its mirror image."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vision.classifier import embed_faces
from vision.model import EmotionCLIP

BATCH = 256


@torch.inference_mode()
def embed_all(model: EmotionCLIP, images: NDArray[np.uint8], annotator: str) -> Tensor:
    """Grey faces (N, h, w) → (N, D) of unit length, on the CPU."""
    nn.Module.eval(model)
    device = next(model.parameters()).device
    rows = [
        embed_faces(model, batch.to(device).unsqueeze(1).float(), annotator).cpu()
        for batch in torch.from_numpy(images).split(BATCH)
    ]
    return torch.cat(rows)
