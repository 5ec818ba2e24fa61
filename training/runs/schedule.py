"""How the learning rate and the averaged weights move."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

WARM_UP = 0.15  # share of the steps
START = 0.04  # of the peak rate
END = 0.001


def one_cycle(step: int, steps: int) -> float:
    """The rate at a step as a share of its peak: cosine up, cosine down (Smith & Topin 2018)."""
    top = max(1.0, WARM_UP * steps)
    if step < top:
        return _cosine(START, 1.0, step / top)
    return _cosine(1.0, END, (step - top) / max(1.0, steps - top))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(1.0, share))) / 2


class Average:
    """An exponential moving average of a model's parameters and buffers.

    The decay grows as (1 + n) / (10 + n) up to ``decay``, so that early weights are forgotten.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.state = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def load(self, state: dict[str, torch.Tensor], updates: int) -> None:
        """Take the state of another average of the same model.

        Raises:
            KeyError, RuntimeError: it is of another model.
        """
        for name, tensor in self.state.items():
            tensor.copy_(state[name])
        self.updates = updates

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take a step towards the model's present weights."""
        self.updates += 1
        weight = 1.0 - min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                self.state[name].lerp_(tensor, weight)
            else:
                self.state[name].copy_(tensor)

    @contextmanager
    def applied_to(self, model: nn.Module) -> Iterator[None]:
        """Within this context the model has the averaged weights."""
        own = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        model.load_state_dict(self.state)
        try:
            yield
        finally:
            model.load_state_dict(own)
