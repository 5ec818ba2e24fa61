"""What a run is made of, and the presets that were measured."""

import dataclasses
from dataclasses import dataclass, field

from training.transforms import Augmentation


@dataclass(frozen=True, slots=True)
class FinetuneConfig:
    """Settings of one fine-tuning run; stored with it, and checked when it is continued.

    Attributes:
        epochs: passes of as many rows as the training split has.
        batch_size: rows a step, label-balanced.
        rate: peak learning rate of the image tower (AdamW); ``head_rate`` of everything else.
        weight_decay: of matrices and kernels; vectors are spared.
        average: decay of the moving average of the weights, which is what is kept.
        smoothing: of FER-2013's hard labels; FERPlus votes are soft as they are.
        image_size: pixels a side into the tower.
        head_depth, head_dropout: see EmotionCLIPConfig.
        bfloat16: run the towers' forward pass in bfloat16 (autocast).
        sentence_prefix: what the text tower wants before every sentence (E5: "query: ").
        seed: of batches, augmentation, prompts and initial heads.
    """

    epochs: int = 20
    batch_size: int = 64
    rate: float = 3e-4
    head_rate: float = 1.2e-3
    weight_decay: float = 0.02
    average: float = 0.999
    smoothing: float = 0.1
    image_size: int = 96
    head_depth: int = 1
    head_dropout: float = 0.3
    bfloat16: bool = True
    sentence_prefix: str = "query: "
    seed: int = 20130713
    augmentation: Augmentation = field(default_factory=Augmentation)

    def as_dict(self) -> dict[str, object]:
        """JSON-ready."""
        return dataclasses.asdict(self)


PRESETS: dict[str, FinetuneConfig] = {
    # The shipped face model; its time and figures are in vision/weights/README.md.
    "embedded": FinetuneConfig(),
    # Two minutes on two cores: does everything run?
    "smoke": FinetuneConfig(epochs=1, image_size=48),
}
