"""The stages of a tower: which of them learn, and how fast."""

from collections.abc import Callable
from typing import Any

from torch import nn
from transformers import PreTrainedModel

from seollem.training.errors import SettingsError
from seollem.vision.model import EmotionCLIP

LISTS = ("blocks", "layers", "layer", "stages")  # what towers call the modules they are made of


def stage_numbers(tower: nn.Module) -> dict[str, int]:
    """Parameter name → stage: 0 for what comes before the tower's list of blocks, then one each.

    What follows the list, a last norm, belongs to the last block.
    """
    names = (name for name, _ in tower.named_modules() if name.split(".")[-1] in LISTS)
    name = next(names, "")
    numbers, stage = {}, 0
    for parameter, _ in tower.named_parameters():
        if name and parameter.startswith(f"{name}."):
            stage = int(parameter.removeprefix(f"{name}.").split(".")[0]) + 1
        numbers[parameter] = stage
    return numbers


def stage_count(model: EmotionCLIP) -> int:
    """How many stages the image tower has."""
    return max(stage_numbers(model.image_tower).values()) + 1


def freeze(model: EmotionCLIP, stages: int) -> None:
    """Freeze the first ``stages`` of the image tower's stages, and let all others learn.

    Raises:
        SettingsError: the tower has fewer.
    """
    if stages > stage_count(model):
        raise SettingsError(
            f"freeze is {stages}; this image tower has {stage_count(model)} stages."
        )
    numbers = stage_numbers(model.image_tower)
    for name, parameter in model.image_tower.named_parameters():
        parameter.requires_grad_(numbers[name] >= stages)


def parameter_groups(
    module: nn.Module,
    tower: str,
    *,
    rate: float,
    layer_decay: float,
    weight_decay: float,
    peak: Callable[[str], float],
    spared: str | None = None,
) -> list[dict[str, Any]]:
    """AdamW's groups, each with its ``peak`` learning rate; vectors have no weight decay.

    Args:
        tower: name of the submodule whose stages have rates of their own.
        rate: peak of the tower's last stage.
        layer_decay: each stage's rate as a share of the next one's.
        peak: name of a parameter outside the tower → its peak.
        spared: parameters with this in their names have no weight decay either.
    """
    numbers = stage_numbers(module.get_submodule(tower))
    last = max(numbers.values())
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith(f"{tower}."):
            own = rate * layer_decay ** (last - numbers[name.removeprefix(f"{tower}.")])
        else:
            own = peak(name)
        decays = parameter.ndim > 1 and not (spared and spared in name)
        groups.setdefault((own, decays), []).append(parameter)
    return [
        {"params": parameters, "peak": own, "weight_decay": weight_decay if decays else 0.0}
        for (own, decays), parameters in groups.items()
    ]


def freeze_norms(tower: nn.Module) -> None:
    """Keep the batch statistics of frozen layers as they are; call it after ``train()``."""
    for module in tower.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and not module.weight.requires_grad:
            module.eval()


def checkpoint_layers(model: EmotionCLIP) -> None:
    """Keep the image tower's activations at layer borders only, and compute the others twice.

    Raises:
        SettingsError: the tower has batch norms, which must see every batch once.
    """
    tower: PreTrainedModel | None = getattr(model.image_tower, "model", None)
    if tower is None or not tower.supports_gradient_checkpointing:
        raise SettingsError(
            "checkpointing is for transformer towers; give this one less at a time (accumulate)."
        )
    tower.activation_checkpointing_enable()
