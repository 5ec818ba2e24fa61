"""The layers of the image tower: which of them learn."""

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
    """Of the image tower's stages, let the first ``stages`` rest and all others learn.

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


def rest_norms(tower: nn.Module) -> None:
    """Keep the batch statistics of layers that rest as they are; after ``train()`` woke them."""
    for module in tower.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and not module.weight.requires_grad:
            module.eval()


def checkpoint_layers(model: EmotionCLIP) -> None:
    """Let the image tower keep its activations at layer borders only, and compute the rest twice.

    Raises:
        SettingsError: the tower has batch norms, which must see every batch once.
    """
    tower: PreTrainedModel | None = getattr(model.image_tower, "model", None)
    if tower is None or not tower.supports_gradient_checkpointing:
        raise SettingsError(
            "checkpointing is for transformer towers; give this one less at a time (accumulate)."
        )
    tower.gradient_checkpointing_enable()
