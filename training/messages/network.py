"""The message reader in training: a text tower and linear heads."""

import math
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from seollem.training.errors import MissingExtra, SettingsError
from seollem.training.towers.layers import stage_numbers
from seollem.vision.text_tower import TextTower

LAST = 3  # "last" trains the last third of the layers
RANK = 16  # of low-rank adapters (Hu et al. 2022)
TRAINABLE = ("all", "last", "adapter")
ADVICE = "Train all of it (--trainable all), or take another --encoder."


class MessageReader(nn.Module):
    """Sentences → unit vectors (forward), and those → a head's logits.

    Args:
        tower: the sentence encoder.
        heads: name → number of labels.
    """

    def __init__(self, tower: TextTower, heads: Mapping[str, int]) -> None:
        super().__init__()
        self.tower = tower
        self.heads = nn.ModuleDict(
            {name: _linear(tower.hidden_size, count) for name, count in heads.items()}
        )

    def forward(self, sentences: Sequence[str]) -> Tensor:
        """N sentences → (N, hidden size) float32 of unit length."""
        vectors: Tensor = self.tower(sentences)
        return vectors

    def logits(self, vectors: Tensor, head: str) -> Tensor:
        """(N, hidden size) unit vectors → (N, labels of the head)."""
        # a unit vector's entries are small; so scaled, they vary about as much as 1
        logits: Tensor = self.heads[head](vectors * math.sqrt(self.tower.hidden_size))
        return logits


def choose_trainable(tower: TextTower, part: str) -> None:
    """Train all of the encoder, its last layers, or low-rank adapters beside its weights.

    Raises:
        SettingsError: the encoder has no layers that are known, or no weights that adapters fit.
        MissingExtra: adapters are asked for, and PEFT is not installed.
    """
    if part == "all":
        return
    for parameter in tower.encoder.parameters():
        parameter.requires_grad_(False)
    if part == "last":
        numbers = stage_numbers(tower.encoder)
        layers = max(numbers.values())
        if not layers:
            raise SettingsError(f"It is not known what the layers of {_kind(tower)} are. {ADVICE}")
        first = layers - max(1, layers // LAST) + 1
        for name, parameter in tower.encoder.named_parameters():
            parameter.requires_grad_(numbers[name] >= first)
        return
    try:
        from peft import LoraConfig, inject_adapter_in_model  # what only this choice needs
    except ImportError as error:
        raise MissingExtra("Adapters need PEFT: pip install 'seollem[train]'") from error
    targets = [
        name
        for name, module in tower.encoder.named_modules()
        if isinstance(module, nn.Linear) and not name.startswith("pooler")  # the tower has its own
    ]
    if not targets:
        raise SettingsError(f"No adapters fit {_kind(tower)}. {ADVICE}")
    adapter = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=targets)
    inject_adapter_in_model(adapter, tower.encoder)


def merge_adapters(tower: TextTower) -> None:
    """Merge low-rank adapters into the weights that they adapt."""
    for name, module in list(tower.encoder.named_modules()):
        if hasattr(module, "lora_A"):
            module.merge()
            tower.encoder.set_submodule(name, module.get_base_layer())


def _linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=0.02)
    nn.init.zeros_(layer.bias)
    return layer


def _kind(tower: TextTower) -> str:
    return f"an encoder of the kind {tower.encoder.config.model_type!r}"
