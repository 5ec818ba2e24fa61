"""What ``search`` and ``tune`` look through: the settings that the original study tuned."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from seollem.training.errors import SettingsError
from seollem.training.finetune.config import FinetuneConfig

Drawn = dict[str, int | float]


@dataclass(frozen=True, slots=True)
class LogUniform:
    """Positive numbers, each order of magnitude as likely as any other."""

    low: float
    high: float

    def draw(self, generator: np.random.Generator) -> float:
        return float(np.exp(generator.uniform(math.log(self.low), math.log(self.high))))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some numbers."""

    values: tuple[int, ...]

    def draw(self, generator: np.random.Generator) -> int:
        return self.values[int(generator.integers(len(self.values)))]


SPACE: dict[str, LogUniform | Choice] = {
    "rate": LogUniform(5e-5, 2e-3),
    "logit_scale": LogUniform(3.0, 60.0),
    "projection_dim": Choice((0, 128, 256, 512)),  # 0: as the text tower has it
    "head_depth": Choice((0, 1, 2, 3)),
    "weight_decay": LogUniform(1e-3, 0.3),
    "freeze": Choice((0, 1, 2, 4)),
}


def draw(seed: int, number: int) -> Drawn:
    """The settings of a search's trial with this number, whatever was drawn before."""
    generator = np.random.default_rng((seed, number))
    return {name: kind.draw(generator) for name, kind in SPACE.items()}


def apply(drawn: Drawn, base: FinetuneConfig) -> FinetuneConfig:
    """The base with what was drawn; the heads' rate keeps its ratio to the image tower's.

    Raises:
        SettingsError: a value that a setting cannot have, or a base without a rate.
    """
    if not base.rate:
        raise SettingsError("The base setting rate is 0, which no head_rate has a ratio to.")
    settings: dict[str, Any] = dict(drawn)
    settings["head_rate"] = base.head_rate * drawn["rate"] / base.rate
    return base.changed(settings)
