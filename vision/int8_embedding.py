"""Word embeddings in 8-bit integers, with a scale a row: a quarter of float32's memory."""

import torch
from torch import Tensor, nn

LEVELS = 127


class Int8Embedding(nn.Module):
    """An embedding for inference: ids (…) → vectors (…, D) float32.

    Exact for weights that ``seollem.vision.int8`` stored, which also scales embeddings by row.
    """

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__()
        weight = embedding.weight.detach().float()
        scales = weight.abs().amax(dim=1, keepdim=True) / LEVELS
        steps = scales.masked_fill(scales == 0, 1.0)
        self.register_buffer("integers", (weight / steps).round().to(torch.int8))
        self.register_buffer("scales", scales)

    def forward(self, ids: Tensor) -> Tensor:
        integers, scales = self.get_buffer("integers"), self.get_buffer("scales")
        return integers[ids].float() * scales[ids]
