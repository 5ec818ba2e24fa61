"""Related labels: targets over a wider vocabulary than the annotators' labels.

Training on eight labels leaves a picture's vector free outside the plane that they span, so its
cosines with all other words are arbitrary. Targets are therefore spread over a vocabulary, too:
each label passes its share to words of similar meaning, by the text tower's cosines. This uses no
labels but the annotators' own, and no table of emotions that occur together.
"""

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor, nn

from seollem.training.towers.vocabulary import reference_vocabulary
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.prompts import words_of

SHARPNESS = 2.0  # of the softmax over standardised cosines


class RelatedLabels(nn.Module):
    """A vocabulary, and the share of each label that goes to each word.

    Cosines are standardised over an annotator's labels, word by word, before the softmax: some
    words lie near every label (hubs: Radovanović et al. 2010) and would take a part of each.

    Args:
        labels: annotator → its labels.
        vocabulary: V words, each once.
        weight: of this term of the loss.
    """

    vectors: Tensor

    def __init__(
        self,
        label_space: LabelSpace,
        labels: Mapping[str, Sequence[str]],
        vocabulary: Sequence[str],
        weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.weight = weight
        self._labels = {annotator: tuple(own) for annotator, own in labels.items()}
        self.vocabulary = tuple(vocabulary)
        self.register_buffer("vectors", torch.empty(0), persistent=False)
        for annotator in self._labels:
            self.register_buffer(_shares(annotator), torch.empty(0), persistent=False)
        self.refresh(label_space)

    @torch.no_grad()
    def refresh(self, label_space: LabelSpace) -> None:
        """Compute vectors and shares anew from the current text tower."""
        device = self.vectors.device
        words = label_space(self.vocabulary)
        self.vectors = words.clone().to(device)
        for annotator, labels in self._labels.items():
            cosines = label_space(labels) @ words.T
            spread = cosines.std(dim=0, correction=0).clamp(min=1e-6)
            standard = (cosines - cosines.mean(dim=0)) / spread
            setattr(self, _shares(annotator), (SHARPNESS * standard).softmax(dim=1).to(device))

    def spread(self, target: Tensor, annotator: str) -> Tensor:
        """(N, L) distributions over an annotator's labels → (N, V) over the vocabulary."""
        shares: Tensor = getattr(self, _shares(annotator))
        return target @ shares


def related_labels(
    label_space: LabelSpace,
    labels: Mapping[str, Sequence[str]],
    weight: float,
    *,
    untold: Collection[str] = (),
) -> RelatedLabels | None:
    """Over the reference vocabulary less labels with an untold word; None for a weight of 0."""
    if not weight:
        return None
    told = [label for label in reference_vocabulary() if set(untold).isdisjoint(words_of(label))]
    return RelatedLabels(label_space, labels, told, weight)


def _shares(annotator: str) -> str:
    return f"shares_{annotator}"
