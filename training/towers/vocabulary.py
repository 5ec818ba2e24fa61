"""Label vectors in training: several words for each label."""

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, display_name
from seollem.vision.label_vectors import LabelSpace, template_means, word_vectors
from seollem.vision.prompts import prompts_of, words_of
from seollem.vision.text_tower import TextTower


def load_text_tower(encoder: str, prefix: str) -> TextTower:
    """A text tower; ``prefix`` goes before its sentences where its own files name none.

    Raises:
        CheckpointNotFound, BrokenWeights: there is none that can be loaded.
    """
    tower = TextTower.from_pretrained(encoder)
    tower.prefix = tower.prefix or prefix
    return tower


def reference_vocabulary() -> tuple[str, ...]:
    """Labels over which each template's mean vector is computed, in both languages."""
    english = tuple(display_name(label, "en") for label in KOTE)
    return tuple(dict.fromkeys((*KOTE, *english, *FACE_EMOTIONS)))


def build_label_space(tower: TextTower) -> LabelSpace:
    """An empty label space over a text tower, centred on the reference vocabulary."""
    return LabelSpace(template_means(tower, reference_vocabulary()), {}, lambda: tower)


class Phrasings(nn.Module):
    """Names the labels in other words at each step, so that meanings are learned, not spellings.

    Args:
        tower: the text tower, frozen.
        labels: annotator → its labels.
        means: the label space's template means.
    """

    def __init__(
        self, tower: TextTower, labels: Mapping[str, Sequence[str]], means: Tensor
    ) -> None:
        super().__init__()
        self._words = {
            annotator: [word_vectors(tower, words_of(label), means) for label in own]
            for annotator, own in labels.items()
        }

    def forward(self, generator: torch.Generator, device: torch.device) -> dict[str, Tensor]:
        """Annotator → (L, D), of unit length: a random mixture of each label's words."""
        return {
            annotator: _unit(
                [torch.rand(len(words), generator=generator) @ words for words in own]
            ).to(device)
            for annotator, own in self._words.items()
        }


class TrainedPhrasings(Phrasings):
    """Encodes a random prompt of a random word of each label at each step, with gradients.

    Args:
        tower: the text tower, trained too.
        labels: annotator → its labels.
    """

    def __init__(self, tower: TextTower, labels: Mapping[str, Sequence[str]]) -> None:
        nn.Module.__init__(self)
        self.tower = tower
        self._labels = {annotator: tuple(own) for annotator, own in labels.items()}
        self._means = torch.empty(0)

    def frozen_tower(self) -> TextTower:
        """A copy of the current tower on the CPU, in evaluation mode."""
        tower = copy.deepcopy(self.tower).cpu()
        nn.Module.eval(tower)
        return tower

    def recentre(self) -> None:
        """Compute the template means anew from the current tower."""
        self._means = template_means(self.frozen_tower(), reference_vocabulary()).clone()

    def forward(self, generator: torch.Generator, device: torch.device) -> dict[str, Tensor]:
        """Annotator → (L, D), of unit length."""

        def pick(count: int) -> int:
            return int(torch.randint(count, (), generator=generator))

        drawn = []
        for own in self._labels.values():
            for label in own:
                words = words_of(label)
                prompts = prompts_of(words[pick(len(words))])
                drawn.append(prompts[pick(len(prompts))])
        encoded = self.tower([sentence for _, sentence in drawn])
        centred = encoded - self._means[[index for index, _ in drawn]].to(device)
        split = centred.split([len(own) for own in self._labels.values()])
        return {
            annotator: nn.functional.normalize(vectors, dim=-1)
            for annotator, vectors in zip(self._labels, split, strict=True)
        }


def _unit(vectors: list[Tensor]) -> Tensor:
    return nn.functional.normalize(torch.stack(vectors), dim=-1)
