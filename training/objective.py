"""What training minimises."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from training.vocabulary import Phrasings
from vision.model import EmotionCLIP


@dataclass(frozen=True, slots=True)
class Objective:
    """Image-to-text cross entropy, a head for each annotator.

    The text side is the label set and not the batch: several faces of a batch share a label, and
    contrasting them with one another (InfoNCE) would punish true pairs. FERPlus votes are targets
    as they were cast; FER-2013's single labels are smoothed.

    Attributes:
        phrasings: annotator → the words of its labels.
        smoothing: share of a hard label that goes to all labels alike.
    """

    phrasings: dict[str, Phrasings]
    smoothing: float

    def __call__(
        self,
        model: EmotionCLIP,
        features: Tensor,
        votes: Tensor,
        labels: Tensor,
        generator: torch.Generator,
    ) -> Tensor:
        """The loss, a scalar.

        Args:
            features: (N, hidden_size) of the image tower.
            votes: (N, 8) shares; a row of zeros, on which nobody agreed, does not count.
            labels: (N,) FER-2013's numbers.
            generator: of the words that the labels are named by this time.
        """
        by_votes = self._logits(model, features, "ferplus", generator)
        by_label = self._logits(model, features, "fer2013", generator)
        voted = votes.sum(dim=1).clamp(max=1.0).sum().clamp(min=1.0)
        vote_loss = -(votes * by_votes.log_softmax(dim=1)).sum() / voted
        label_loss = cross_entropy(by_label, labels, label_smoothing=self.smoothing)
        return vote_loss + label_loss

    def _logits(
        self, model: EmotionCLIP, features: Tensor, annotator: str, generator: torch.Generator
    ) -> Tensor:
        vectors = self.phrasings[annotator].draw(generator).to(features.device)
        return model.logits(model.embed(features, annotator), vectors, annotator)
