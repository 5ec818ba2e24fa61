"""Features and embeddings of many faces, averaged with their mirror images as in serving."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seollem.vision.classifier import both_ways
from seollem.vision.classifier import embed_features as embed
from seollem.vision.model import EmotionCLIP

BATCH = 256


@torch.inference_mode()
def embed_all(model: EmotionCLIP, images: NDArray[np.uint8], annotator: str) -> Tensor:
    """Grey faces (N, h, w) → (N, D) of unit length, on the CPU."""
    nn.Module.eval(model)
    device = next(model.parameters()).device
    rows = [
        embed(model, both_ways(model, batch.to(device).unsqueeze(1).float()), annotator).cpu()
        for batch in torch.from_numpy(images).split(BATCH)
    ]
    return torch.cat(rows)


@torch.no_grad()
def tower_features(model: EmotionCLIP, images: NDArray[np.uint8]) -> Tensor:
    """Grey faces (N, h, w) → (2, N, hidden_size), as they are and mirrored, on the CPU.

    They are all that is needed where only heads or labels change.
    """
    nn.Module.eval(model)
    device = next(model.parameters()).device
    rows = []
    for batch in torch.from_numpy(images).split(BATCH):
        rows.append(both_ways(model, batch.to(device).unsqueeze(1).float()).cpu())
    return torch.cat(rows, dim=1)


@torch.inference_mode()
def embed_features(model: EmotionCLIP, features: Tensor, annotator: str) -> Tensor:
    """(2, N, hidden_size) of ``tower_features`` → (N, D) of unit length, as ``embed_all``."""
    return embed(model, features.to(next(model.parameters()).device), annotator).cpu()
