"""Heads: an image tower's features → the space shared by pictures and labels."""

from typing import cast

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """A pre-norm feed-forward block, x + W₂·GELU(W₁·LN(x)); ``inner`` is W₁, ``outer`` is W₂.

    W₂ starts at zero, so an untrained block is the identity. The hidden layer has half the width.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, width // 2)
        self.outer = nn.Linear(width // 2, width)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width) → (N, width)."""
        residual: Tensor = self.outer(nn.functional.gelu(self.inner(self.norm(x))))
        return x + residual


class ProjectionHead(nn.Sequential):
    """Dropout, a projection, ``depth`` residual blocks: (N, inputs) → (N, outputs)."""

    def __init__(self, inputs: int, outputs: int, *, depth: int, dropout: float) -> None:
        super().__init__(
            nn.Dropout(dropout),
            nn.Linear(inputs, outputs, bias=False),
            *(ResidualBlock(outputs) for _ in range(depth)),
        )

    @property
    def linear(self) -> nn.Linear:
        """The projection into the shared space."""
        return cast("nn.Linear", self[1])
