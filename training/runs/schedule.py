"""Learning-rate schedule, and moving average of the weights."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

WARM_UP = 0.15  # share of the steps
INITIAL = 0.04  # of the peak rate
FINAL = 0.001


def one_cycle(step: int, steps: int) -> float:
    """The rate at a step as a share of its peak: cosine up, cosine down (Smith & Topin 2018)."""
    top = max(1.0, WARM_UP * steps)
    if step < top:
        return _cosine(INITIAL, 1.0, step / top)
    return _cosine(1.0, FINAL, (step - top) / max(1.0, steps - top))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(1.0, share))) / 2


class Average:
    """Exponential moving average of a model's parameters and buffers.

    After n updates the decay is (1 + n) / (10 + n), at most ``decay``, to forget early weights.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.state = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def load(self, state: dict[str, torch.Tensor], updates: int) -> None:
        """Load the state of another average of the same model.

        Raises:
            KeyError, RuntimeError: it is of another model.
        """
        for name, tensor in self.state.items():
            tensor.copy_(state[name])
        self.updates = updates

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Update the average with the model's current weights."""
        self.updates += 1
        weight = 1.0 - min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                self.state[name].lerp_(tensor, weight)
            else:
                self.state[name].copy_(tensor)

    @contextmanager
    def applied_to(self, model: nn.Module) -> Iterator[None]:
        """Put the averaged weights into the model within this context."""
        own = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        model.load_state_dict(self.state)
        try:
            yield
        finally:
            model.load_state_dict(own)
