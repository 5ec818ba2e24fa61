"""The residual network of CLIP: three convolutions first, blurred strides, attention at the end."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

EXPANSION = 4  # a block's output channels for one of its inner ones
HEAD_CHANNELS = 64  # of each attention head


class Bottleneck(nn.Module):
    """1×1, 3×3, 1×1; a stride is an average pool, so that no pixel is skipped (Zhang 2019)."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = width * EXPANSION
        self.body = nn.Sequential(
            *_convolution(inputs, width, 1),
            *_convolution(width, width, 3),
            nn.AvgPool2d(stride) if stride > 1 else nn.Identity(),
            nn.Conv2d(width, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride),
                nn.Conv2d(inputs, outputs, 1, bias=False),
                nn.BatchNorm2d(outputs),
            )

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, 4 · width, H / stride, W / stride)."""
        activated: Tensor = nn.functional.relu(self.body(x) + self.shortcut(x))
        return activated


class AttentionPool(nn.Module):
    """One vector of a picture: its mean looks at every place, once (Radford et al. 2021)."""

    def __init__(self, side: int, width: int, heads: int, outputs: int) -> None:
        super().__init__()
        self.heads = heads
        self.positional_embedding = nn.Parameter(torch.randn(side**2 + 1, width) / width**0.5)
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.c_proj = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, side, side) → (N, outputs)."""
        places = x.flatten(2).transpose(1, 2)  # (N, side², width)
        tokens = torch.cat([places.mean(dim=1, keepdim=True), places], dim=1)
        tokens = tokens + self.positional_embedding

        def split(y: Tensor) -> Tensor:
            heads: Tensor = y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            return heads  # (N, heads, T, width / heads)

        query, key, value = self.q_proj(tokens[:, :1]), self.k_proj(tokens), self.v_proj(tokens)
        seen = nn.functional.scaled_dot_product_attention(split(query), split(key), split(value))
        pooled: Tensor = self.c_proj(seen.transpose(1, 2).flatten(1))
        return pooled


class ClipResNet(nn.Module):
    """The image tower of CLIP's RN50 and its kin.

    Forward: (N, 3, S, S) float RGB, normalised as CLIP does → (N, outputs), in CLIP's own space.

    Args:
        layers: blocks in each stage.
        width: channels after the stem.
        image_size: S, pixels; a multiple of 32.
        outputs: size of CLIP's space.
    """

    def __init__(self, *, layers: Sequence[int], width: int, image_size: int, outputs: int) -> None:
        super().__init__()
        half = width // 2
        self.stem = nn.Sequential(
            *_convolution(3, half, 3, stride=2),
            *_convolution(half, half, 3),
            *_convolution(half, width, 3),
            nn.AvgPool2d(2),
        )
        stages, inputs = [], width
        for number, depth in enumerate(layers):
            inner = width * 2**number
            blocks = []
            for block in range(depth):
                stride = 2 if number and not block else 1
                blocks.append(Bottleneck(inputs, inner, stride))
                inputs = inner * EXPANSION
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.Sequential(*stages)
        self.pool = AttentionPool(image_size // 32, inputs, inputs // HEAD_CHANNELS, outputs)
        self.hidden_size = outputs

    def forward(self, pixels: Tensor) -> Tensor:
        """(N, 3, S, S) → (N, outputs)."""
        features: Tensor = self.pool(self.stages(self.stem(pixels)))
        return features


def _convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )
