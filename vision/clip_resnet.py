"""CLIP's residual network: a stem of three convolutions, blurred strides, attention pooling."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

EXPANSION = 4  # a block's output channels for one of its inner ones
HEAD_CHANNELS = 64  # of each attention head


class Bottleneck(nn.Module):
    """1×1, 3×3 and 1×1 convolutions; average pools for strides, against aliasing (Zhang 2019)."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = width * EXPANSION
        self.body = nn.Sequential(
            *_conv_norm_relu(inputs, width, 1),
            *_conv_norm_relu(width, width, 3),
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
    """One vector a picture: attention with the mean over positions as query (Radford et al. 2021).

    Parameters are called as in OpenAI's checkpoints.
    """

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
        positions = x.flatten(2).transpose(1, 2)  # (N, side², width)
        tokens = torch.cat([positions.mean(dim=1, keepdim=True), positions], dim=1)
        tokens = tokens + self.positional_embedding

        def split(y: Tensor) -> Tensor:
            by_head: Tensor = y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            return by_head  # (N, heads, T, width / heads)

        query, key, value = self.q_proj(tokens[:, :1]), self.k_proj(tokens), self.v_proj(tokens)
        heads = (split(query), split(key), split(value))
        attended = nn.functional.scaled_dot_product_attention(*heads)
        pooled: Tensor = self.c_proj(attended.transpose(1, 2).flatten(1))
        return pooled


class ClipResNet(nn.Module):
    """The image tower of CLIP's RN50, RN101, RN50x4 and so on.

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
            *_conv_norm_relu(3, half, 3, stride=2),
            *_conv_norm_relu(half, half, 3),
            *_conv_norm_relu(half, width, 3),
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


def _conv_norm_relu(inputs: int, outputs: int, size: int, stride: int = 1) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )
