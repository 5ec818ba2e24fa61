"""Training rows → augmented pixels and targets."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seollem.training.data.faces import FaceSet
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.targets import Targets, blend, draw
from seollem.training.finetune.transforms import augment
from seollem.vision.model import EmotionCLIPConfig
from seollem.vision.pixels import to_pixels


@dataclass(frozen=True, slots=True)
class Examples:
    """Augmented faces with targets; deterministic by rows and seed, on every device."""

    faces: FaceSet
    targets: Targets
    config: FinetuneConfig
    model: EmotionCLIPConfig
    device: torch.device

    def __len__(self) -> int:
        return len(self.faces)

    def __call__(self, rows: NDArray[np.int64], seed: int) -> tuple[Tensor, dict[str, Tensor]]:
        """Row numbers → (N, 3, S, S) normalised, and annotator → (N, L)."""
        generator = torch.Generator().manual_seed(seed)
        images = torch.from_numpy(self.faces.images[rows]).to(self.device).unsqueeze(1).float()
        faces = augment(images, self.model.image_size, self.config.augmentation, generator)
        targets = {name: torch.from_numpy(own[rows]) for name, own in self.targets.items()}
        if self.config.draw_votes and "ferplus" in targets:
            targets["ferplus"] = draw(targets["ferplus"], generator)
        targets = {name: target.to(self.device) for name, target in targets.items()}
        if self.config.mixup:
            faces, targets = blend(faces, targets, self.config.mixup, generator)
        return to_pixels(faces, self.model), targets
