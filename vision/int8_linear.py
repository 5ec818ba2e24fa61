"""Linear layers whose products are of 8-bit integers: a third of the time on one core.

Weights have one scale for each output, inputs one scale and zero point for each call ("dynamic
quantization"), as in Jacob et al. 2018.
"""

import warnings

import torch
from torch import Tensor, nn

LEVELS = 127


class Int8Linear(nn.Module):
    """A linear layer, read only: (…, inputs) float32 → (…, outputs) float32."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scales = (weight.abs().amax(dim=1).clamp(min=1e-8) / LEVELS).double()
        zeros = torch.zeros(len(weight), dtype=torch.long)
        with warnings.catch_warnings():  # deprecated, with nothing in torch yet that does the same
            warnings.simplefilter("ignore", UserWarning)
            rounded = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        bias = None if linear.bias is None else linear.bias.detach().float()
        self._packed = torch.ops.quantized.linear_prepack(rounded, bias)
        self._seven_bits = not _sums_whole_products()

    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = torch.ops.quantized.linear_dynamic(
            inputs, self._packed, reduce_range=self._seven_bits
        )
        return outputs


def is_possible() -> bool:
    """Whether torch has integer products for this machine."""
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
    """Whether products are summed in 32 bits; older x86 adds two in 16, which 8 bits overflow."""
    able = torch.cpu.get_capabilities()
    return able.get("architecture") != "x86_64" or any(
        able.get(name) for name in ("avx512_vnni", "avx_vnni")
    )
