"""Linear layers with 8-bit integer products: a third of the time on one core.

Weights have a scale for each output, inputs one for each row (a token). A few tokens of a
transformer are many times larger than the others; one scale for the whole call ("dynamic
quantization", Jacob et al. 2018) would leave the others only a few levels (LLM.int8(): Dettmers et
al. 2022).
"""

import warnings

import torch
from torch import Tensor, nn

LEVELS = 127
LEAST = 1e-8  # magnitude that scales are computed from, for rows of zeros


class Int8Linear(nn.Module):
    """A linear layer for inference: (…, inputs) float32 → (…, outputs) float32."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scales = (weight.abs().amax(dim=1).clamp(min=LEAST) / LEVELS).double()
        zeros = torch.zeros(len(weight), dtype=torch.long)
        with warnings.catch_warnings():  # deprecated, but torch has no replacement yet
            warnings.simplefilter("ignore", UserWarning)
            rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        self._packed = torch.ops.quantized.linear_prepack(rounded, None)
        self._bias = (
            torch.zeros(len(weight)) if linear.bias is None else linear.bias.detach().float()
        )
        self._seven_bits = not _sums_whole_products()

    def forward(self, inputs: Tensor) -> Tensor:
        largest = inputs.abs().amax(dim=-1, keepdim=True).clamp(min=LEAST)
        products: Tensor = torch.ops.quantized.linear_dynamic(
            inputs / largest, self._packed, reduce_range=self._seven_bits
        )
        return torch.addcmul(self._bias, products, largest)


def is_possible() -> bool:
    """Whether torch supports integer products on this machine."""
    return bool(torch.backends.quantized.engine != "none")


def use_int8(network: nn.Module) -> None:
    """Replace every linear layer in place, where that is possible."""
    if not is_possible():
        return
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                setattr(module, name, Int8Linear(child))


def _sums_whole_products() -> bool:
    """Whether products are summed in 32 bits; older x86 sums two in 16, which 8 bits overflow."""
    able = torch.cpu.get_capabilities()
    return able.get("architecture") != "x86_64" or any(
        able.get(name) for name in ("avx512_vnni", "avx_vnni")
    )
