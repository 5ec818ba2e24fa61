"""Heads: from a tower's features to the space that pictures and labels share."""

from typing import cast

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """x + W₂·GELU(W₁·LN(x)), with W₂ zero at first, so that an untrained block changes nothing.

    The inner layer is half as wide as x.
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
    """Dropout, a linear map, ``depth`` residual blocks; forward: (N, inputs) → (N, outputs)."""

    def __init__(self, inputs: int, outputs: int, *, depth: int, dropout: float) -> None:
        super().__init__(
            nn.Dropout(dropout),
            nn.Linear(inputs, outputs, bias=False),
            *(ResidualBlock(outputs) for _ in range(depth)),
        )

    @property
    def linear(self) -> nn.Linear:
        """The map into the shared space."""
        return cast("nn.Linear", self[1])
