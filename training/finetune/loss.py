"""The loss of faces."""

from typing import Self

import torch
from torch import Tensor, nn

from seollem.training.runs.devices import autocast
from seollem.training.towers.layers import freeze_norms
from seollem.training.towers.related import RelatedLabels
from seollem.training.towers.vocabulary import Phrasings
from seollem.vision.model import EmotionCLIP


class ImageTextLoss(nn.Module):
    """Image-to-text cross entropy, a head for each annotator.

    Faces are contrasted with the labels, not with the batch's other texts: several faces of a batch
    share a label, and InfoNCE would punish true pairs.

    Args:
        model: image tower and heads.
        phrasings: label vectors; it holds the text tower where that is trained.
        related: words that the targets are spread over, for a second term of the loss.
        bfloat16: run the image tower's forward pass in bfloat16, where the device can.
    """

    def __init__(
        self,
        model: EmotionCLIP,
        phrasings: Phrasings,
        *,
        related: RelatedLabels | None = None,
        bfloat16: bool,
    ) -> None:
        super().__init__()
        self.model = model
        self.phrasings = phrasings
        self.related = related
        self.uses_bfloat16 = bfloat16

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        if mode:
            freeze_norms(self.model.image_tower)
        return self

    def forward(self, pixels: Tensor, targets: dict[str, Tensor], seed: int) -> Tensor:
        """The loss, a scalar.

        Args:
            pixels: (N, 3, S, S), normalised.
            targets: annotator → (N, L), rows summing to 1, or to 0 where they do not count.
            seed: of the words that name the labels in this step.
        """
        with autocast(pixels.device, bfloat16=self.uses_bfloat16):
            features = self.model.features(pixels)
        return self.from_features(features.float(), targets, seed)

    def from_features(self, features: Tensor, targets: dict[str, Tensor], seed: int) -> Tensor:
        """The loss of (N, hidden_size) features; gradients reach heads and phrasings only."""
        vectors = self.phrasings(torch.Generator().manual_seed(seed), features.device)
        losses = []
        for annotator, target in targets.items():
            embedded = self.model.embed(features, annotator)
            losses.append(self._cross_entropy(embedded, vectors[annotator], target, annotator))
            if self.related is not None:
                wider = self.related.spread(target, annotator)
                loss = self._cross_entropy(embedded, self.related.vectors, wider, annotator)
                losses.append(self.related.weight * loss)
        return torch.stack(losses).sum()

    def _cross_entropy(
        self, embedded: Tensor, vectors: Tensor, target: Tensor, annotator: str
    ) -> Tensor:
        predicted = self.model.logits(embedded, vectors, annotator).log_softmax(dim=1)
        return -(target * predicted).sum() / target.sum().clamp(min=1.0)
