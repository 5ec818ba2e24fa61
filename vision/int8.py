"""int8 storage of weights: a quarter of float32 on disk, float32 again once loaded.

Each row of a matrix (an output channel) is split into blocks. A block x is stored as round(x / s)
with the scale s = max |x| / 127 (symmetric, round to nearest). Short blocks limit what an outlier
costs the other weights. Embedding matrices, which are looked up and not summed over, have one block
a row. Vectors are stored in half precision.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

BLOCK = 32  # weights that share a scale
SCALE_SUFFIX = ".int8_scale"


def quantize(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Float tensors by name → int8 matrices (R, C) with float16 scales (R, blocks) beside them."""
    stored: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if tensor.ndim == 2 and tensor.is_floating_point():
            rows, columns = tensor.shape
            whole_rows = "embeddings" in name or columns % BLOCK
            blocks = tensor.float().reshape(rows, -1, columns if whole_rows else BLOCK)
            scales = (blocks.abs().amax(dim=2) / 127.0).half()
            steps = scales.float().masked_fill(scales == 0, 1.0).unsqueeze(2)
            integers = (blocks / steps).round().clamp(-127, 127).to(torch.int8)
            stored[name] = integers.reshape(rows, columns)
            stored[name + SCALE_SUFFIX] = scales
        elif tensor.is_floating_point():
            stored[name] = tensor.half()
        else:
            stored[name] = tensor
    return stored


def dequantize(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of ``quantize``: everything in float32."""
    state: dict[str, Tensor] = {}
    for name, tensor in stored.items():
        if name.endswith(SCALE_SUFFIX):
            continue
        if tensor.dtype == torch.int8:
            scales = stored[name + SCALE_SUFFIX].float()
            blocks = tensor.float().reshape(*scales.shape, -1) * scales.unsqueeze(2)
            state[name] = blocks.reshape(tensor.shape)
        else:
            state[name] = tensor.float() if tensor.is_floating_point() else tensor
    return state
