"""Per-channel int8 storage of weights: a quarter of float32 on disk, widened again on loading.

A matrix W of shape (out, in) is kept as round(W / s) with one scale s = max |W| / 127 a row
(symmetric, round to nearest); vectors stay in half precision.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

SCALE_SUFFIX = ".int8_scale"


def quantize(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Float tensors by name → int8 matrices with their scales beside them, float16 for the rest."""
    stored: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if tensor.ndim == 2 and tensor.is_floating_point():
            scale = tensor.float().abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127.0
            stored[name] = (tensor.float() / scale).round().to(torch.int8)
            stored[name + SCALE_SUFFIX] = scale.squeeze(1).float()
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
            state[name] = tensor.float() * stored[name + SCALE_SUFFIX].unsqueeze(1)
        else:
            state[name] = tensor.float() if tensor.is_floating_point() else tensor
    return state
