"""Labels → vectors in the space that EmotionCLIP's pictures live in.

A label's vector is the mean over its prompts, each less the mean of its template over a reference
vocabulary: sentence encoders put most of a short sentence's vector into its wording and language,
which says nothing about the emotion (anisotropy: Ethayarajh 2019; Mu & Viswanath 2018).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from seollem.vision.checkpoints import ADVICE
from seollem.vision.errors import BrokenWeights, LabelError
from seollem.vision.prompts import TEMPLATES, prompts_of, templates_of, words_of
from seollem.vision.text_tower import TextTower

FILE_NAME = "labels.safetensors"


def check_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels as a tuple.

    Raises:
        LabelError: there are none, one is blank or no text, or one stands twice.
    """
    labels = tuple(labels)
    if not labels:
        raise LabelError("No labels were given. Name at least one emotion.")
    if any(not label.strip() for label in labels):
        raise LabelError("A label is blank. Separate labels by single commas.")
    if not all(label.isprintable() for label in labels):
        raise LabelError("A label holds characters that cannot be printed. Type it again.")
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise LabelError(f"Given twice: {', '.join(twice)}. Name each label once.")
    return labels


class LabelSpace:
    """Vectors of labels: known ones from storage, new ones from the text tower, each made once.

    Args:
        template_means: (number of templates, D), see ``template_means``.
        vectors: label → (D,) of unit length.
        load_tower: called on the first label that is not stored.
    """

    def __init__(
        self,
        template_means: Tensor,
        vectors: Mapping[str, Tensor],
        load_tower: Callable[[], TextTower],
    ) -> None:
        self.template_means = template_means
        self._vectors = dict(vectors)
        self._load_tower = load_tower
        self._tower: TextTower | None = None

    def __call__(self, labels: Sequence[str]) -> Tensor:
        """Labels → (L, D) float32 of unit length.

        Raises:
            LabelError: see ``check_labels``.
            BrokenWeights: a new label needs the text tower and it cannot be loaded.
        """
        labels = check_labels(labels)
        for label in labels:
            if label not in self._vectors:
                self._tower = self._tower or self._load_tower()
                vectors = word_vectors(self._tower, words_of(label), self.template_means)
                self._vectors[label] = unit_mean(vectors)
        return torch.stack([self._vectors[label] for label in labels])

    def save(self, folder: Path) -> None:
        """Write every vector made so far."""
        labels = list(self._vectors)
        save_file(
            {
                "vectors": torch.stack([self._vectors[label] for label in labels]).contiguous(),
                "template_means": self.template_means.contiguous(),
            },
            folder / FILE_NAME,
            metadata={"labels": json.dumps(labels, ensure_ascii=False)},
        )

    @classmethod
    def load(cls, folder: Path, load_tower: Callable[[], TextTower]) -> "LabelSpace":
        """Read what ``save`` wrote.

        Raises:
            BrokenWeights: the file is missing or damaged.
        """
        try:
            with safe_open(folder / FILE_NAME, "pt") as file:
                labels = json.loads(file.metadata()["labels"])
                vectors = dict(zip(labels, file.get_tensor("vectors"), strict=True))
                means = file.get_tensor("template_means")
        except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
            raise BrokenWeights(
                f"{folder / FILE_NAME} is missing or damaged ({error}). {ADVICE}"
            ) from error
        return cls(means, vectors, load_tower)


def template_means(tower: TextTower, vocabulary: Sequence[str]) -> Tensor:
    """(number of templates, D): each template's mean vector over the words of a vocabulary.

    Every template needs words of its language; Korean and English vocabularies go in together.
    """
    words = list(dict.fromkeys(word for label in vocabulary for word in words_of(label)))
    means = []
    for number, template in enumerate(TEMPLATES):
        sentences = [template.format(word) for word in words if number in templates_of(word)]
        means.append(tower.encode(sentences).mean(dim=0))
    return torch.stack(means)


def word_vectors(tower: TextTower, words: Sequence[str], means: Tensor) -> Tensor:
    """(number of words, D), of unit length: each word's mean over its prompts, centred."""
    prompts = [prompts_of(word) for word in words]
    encoded = tower.encode([sentence for group in prompts for _, sentence in group])
    centred = encoded - means[[index for group in prompts for index, _ in group]]
    groups = centred.split([len(group) for group in prompts])
    return torch.stack([unit_mean(group) for group in groups])


def unit_mean(vectors: Tensor) -> Tensor:
    """(N, D) → (D,), of unit length."""
    return torch.nn.functional.normalize(vectors.mean(dim=0), dim=-1)
