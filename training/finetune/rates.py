"""AdamW's parameter groups: how fast each part of the model learns."""

from collections.abc import Iterator
from typing import Any

from torch import nn

from seollem.training.finetune.config import FinetuneConfig
from seollem.training.towers.layers import stage_numbers

TOWER = "model.image_tower"  # within an objective
TEXT = "phrasings."


def parameter_groups(objective: nn.Module, config: FinetuneConfig) -> Iterator[dict[str, Any]]:
    """AdamW's groups: ``peak`` rates by part and stage, vectors without weight decay."""
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    numbers = stage_numbers(objective.get_submodule(TOWER))
    last = max(numbers.values())
    for name, parameter in objective.named_parameters():
        if name.startswith(f"{TOWER}."):
            below = last - numbers[name.removeprefix(f"{TOWER}.")]
            peak = config.rate * config.layer_decay**below
        else:
            peak = config.text_rate if name.startswith(TEXT) else config.head_rate
        if parameter.requires_grad:
            groups.setdefault((peak, parameter.ndim > 1), []).append(parameter)
    for (peak, decays), parameters in groups.items():
        decay = config.weight_decay if decays else 0.0
        yield {"params": parameters, "peak": peak, "weight_decay": decay}
