"""The words of the label space while training: a vector for every word of every label."""

from collections.abc import Sequence

import torch
from torch import Tensor

from scoring.emotions import FACE_EMOTIONS, KOTE, display_name
from vision.label_vectors import LabelSpace, template_means, word_vectors
from vision.prompts import words_of
from vision.text_tower import TextTower


def reference_vocabulary() -> tuple[str, ...]:
    """The labels whose prompts say what a template means by itself, in both languages."""
    english = tuple(display_name(label, "en") for label in KOTE)
    return tuple(dict.fromkeys((*KOTE, *english, *FACE_EMOTIONS)))


def build_label_space(tower: TextTower) -> LabelSpace:
    """An empty label space over a text tower, centred on the reference vocabulary."""
    return LabelSpace(template_means(tower, reference_vocabulary()), {}, lambda: tower)


class Phrasings:
    """Each step names the labels in other words, so that pictures learn meanings, not spellings.

    Args:
        tower: the frozen text tower.
        labels: the annotator's.
        means: the label space's template means.
    """

    def __init__(self, tower: TextTower, labels: Sequence[str], means: Tensor) -> None:
        self.words = [word_vectors(tower, words_of(label), means) for label in labels]

    def draw(self, generator: torch.Generator) -> Tensor:
        """(L, D), of unit length: for each label a random mixture of its words."""
        mixed = []
        for vectors in self.words:
            weights = torch.rand(len(vectors), generator=generator)
            mixed.append(weights @ vectors)
        return torch.nn.functional.normalize(torch.stack(mixed), dim=-1)
