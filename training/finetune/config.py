"""Settings of a fine-tuning run, and presets."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from seollem.training.errors import SettingsError
from seollem.training.finetune.transforms import Augmentation
from seollem.training.runs.limits import GREATEST_SEED, at_least, between

Settings = TypeVar("Settings", "FinetuneConfig", Augmentation)

SOURCES = "sources"  # what a run started from: in its settings file, but no setting


@dataclass(frozen=True, slots=True)
class FinetuneConfig:
    """Settings of one fine-tuning run; stored with it, and checked when it is continued.

    Attributes:
        epochs: passes of as many rows as the training split has.
        head_epochs: the first of them, in which the image tower is frozen and the heads learn
            (LP-FT: Kumar et al. 2022); each part has a learning-rate cycle of its own.
        freeze: stages of the image tower, from the pixels on, that are never trained.
        rows: most rows of each split, drawn by the seed; 0 takes all.
        batch_size: rows a step, label-balanced, over all processes together.
        accumulate: parts that each process splits its rows into, to save memory.
        rate: peak learning rate of the image tower (AdamW); ``head_rate`` of the heads and scales;
            ``text_rate`` of the text tower, which 0 leaves as it is.
        layer_decay: each stage's rate as a share of the next one's, towards the pixels.
        weight_decay: of matrices and kernels; vectors are spared.
        average: decay of the moving average of the weights; the averaged weights are saved.
        smoothing: of FER-2013's hard labels; FERPlus votes are soft as they are.
        distill: weight of the teachers' probabilities in the targets, in [0, 1].
        spread: weight of the loss over related words (see training/towers/related.py); 0 leaves it
            out.
        draw_votes: the target of each face and step is one vote drawn at random, not all votes.
        mixup: α of mixup's Beta distribution; 0 turns it off.
        image_size: pixels a side into the tower, where it takes any size.
        projection_dim: D, the size of the shared space; 0 takes the text tower's own.
        image_depth: residual blocks after the image tower, before the heads.
        head_depth, head_dropout: see EmotionCLIPConfig.
        logit_scale: where the learned scales start.
        bfloat16: run the image tower's forward pass in bfloat16 (autocast), where the device can.
        checkpointing: gradient checkpointing, for transformer towers.
        sentence_prefix: precedes every sentence, unless the text tower's files name a prefix (the
            original E5: "query: ").
        seed: of batches, augmentation, prompts and initial heads.
    """

    epochs: int = 20
    head_epochs: int = 0
    freeze: int = 0
    rows: int = 0
    batch_size: int = 64
    accumulate: int = 1
    rate: float = 3e-4
    head_rate: float = 1.2e-3
    text_rate: float = 0.0
    layer_decay: float = 1.0
    weight_decay: float = 0.02
    average: float = 0.999
    smoothing: float = 0.1
    distill: float = 0.0
    spread: float = 0.3
    draw_votes: bool = False
    mixup: float = 0.0
    image_size: int = 96
    projection_dim: int = 0
    image_depth: int = 0
    head_depth: int = 1
    head_dropout: float = 0.3
    logit_scale: float = 10.0
    bfloat16: bool = True
    checkpointing: bool = False
    sentence_prefix: str = ""
    seed: int = 20130713
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        at_least(self, 32, "image_size")
        at_least(self, 1, "epochs", "batch_size", "accumulate")
        at_least(self, 0, "head_epochs", "freeze", "rows", "projection_dim", "image_depth")
        at_least(self, 0, "head_depth", "logit_scale", "mixup", "spread", "weight_decay")
        at_least(self, 0, "rate", "head_rate", "text_rate")
        between(self, 0, 1, "layer_decay", "average", "smoothing", "distill", "head_dropout")
        between(self, 0, GREATEST_SEED, "seed")
        if self.head_epochs > self.epochs:
            raise SettingsError("head_epochs are more than epochs; they are the first of them.")

    def as_dict(self) -> dict[str, object]:
        """JSON-ready."""
        return dataclasses.asdict(self)

    def changed(self, settings: Mapping[str, Any]) -> "FinetuneConfig":
        """These settings with some others.

        Raises:
            SettingsError: no such setting, or a value that it cannot have.
        """
        return _changed(self, settings)


def _changed(own: Settings, settings: Mapping[str, Any]) -> Settings:
    names = [field.name for field in dataclasses.fields(own)]
    values: dict[str, Any] = {}
    for name, value in settings.items():
        try:
            if name not in names:
                raise TypeError
            values[name] = _like(getattr(own, name), value)
        except (TypeError, ValueError, OverflowError) as error:
            raise SettingsError(
                f"There is no setting {name} = {value!r}. Settings: {', '.join(names)}."
            ) from error
    return dataclasses.replace(own, **values)


def _like(own: Any, value: Any) -> Any:
    """A value out of JSON in the type that the setting has.

    Raises:
        TypeError, ValueError: it has another one, or another length.
    """
    if isinstance(own, Augmentation) and isinstance(value, Mapping):
        return _changed(own, value)
    if isinstance(own, tuple) and isinstance(value, list | tuple):
        return tuple(_like(*pair) for pair in zip(own, value, strict=True))
    if type(own) is float and type(value) is int:
        return float(value)
    if type(own) is not type(value):
        raise TypeError
    return value


def read_settings(path: Path) -> dict[str, Any]:
    """A run's or a search's settings file → values for ``FinetuneConfig.changed``.

    Raises:
        SettingsError: the file is missing or no JSON object.
    """
    try:
        settings = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} holds no settings ({error}).") from error
    if not isinstance(settings, dict):
        raise SettingsError(f"{path} holds no settings, but a {type(settings).__name__}.")
    return {name: value for name, value in settings.items() if name != SOURCES}


def parse_settings(assignments: Iterable[str]) -> dict[str, Any]:
    """``["mixup=0.2", "draw_votes=true"]`` → values for ``FinetuneConfig.changed``.

    Raises:
        SettingsError: one is not of the form NAME=VALUE.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise SettingsError(f"{assignment!r} is not of the form NAME=VALUE.")
        try:
            values[name] = json.loads(text)
        except ValueError:
            values[name] = text
    return values


PRESETS: dict[str, FinetuneConfig] = {
    # The shipped face model; its time and figures are in vision/weights/README.md.
    "embedded": FinetuneConfig(),
    # From a finished run of "embedded" on, which is also the teacher.
    "refine": FinetuneConfig(
        epochs=14, image_size=112, rate=2e-4, head_rate=6e-4, distill=0.5, mixup=0.2
    ),
    # From a finished run of "refine" on, its teacher too: larger, and faces bent and hidden less.
    "polish": FinetuneConfig(
        epochs=14,
        image_size=144,
        rate=2e-4,
        head_rate=6e-4,
        distill=0.5,
        augmentation=Augmentation(
            rotation=15.0,
            shift=0.07,
            contrast=0.3,
            brightness=0.15,
            gamma=0.2,
            blur=0.1,
            erase=0.15,
            erase_side=0.4,
        ),
    ),
    # Two minutes on two cores: does everything run?
    "smoke": FinetuneConfig(epochs=1, image_size=48),
}
