"""What a message reader learns from: each task draws a batch of its texts and tells the loss."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from seollem.scoring.emotions import KOTE
from seollem.scoring.label_weights import LabelWeights
from seollem.training.data.corpora import Labelled, Pairs, Sided
from seollem.training.messages.augment import as_typed
from seollem.training.messages.network import MessageReader

TEMPERATURE = 0.05  # of the contrast between sentences
KEEPING = 40.0  # weight of 1 − cosine: a drift of .01 costs as much as a label's surprise
CONTRAST = 0.3  # its share in a loss
SCORE_SHARE = 4.0  # of a score that is wrong by 1 in the loss of sided lines
SAME_SIDE = 0.2  # weight of a label that a line lacks, where it is of the line's own side
NEUTRAL_BAND = 0.1  # greatest |affection| of a neutral line that costs nothing
LEAST_AFFECTION = (0.3, 0.4, 0.5)  # of a turn that shows affection of 1, 2, 3 of 3
LABEL_SHARE = 0.25  # of each label's cross-entropy in a loss: 44 labels weigh as much as 11
WINDOW = 32  # batches whose texts are sorted by length, so that little of a batch is padding


class Task(Protocol):
    """A corpus with its loss."""

    @property
    def batch_size(self) -> int:
        """Rows a step."""

    def __len__(self) -> int: ...

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Characters of each row, (rows,)."""

    def loss(self, reader: MessageReader, rows: NDArray[np.int64], rng: random.Random, /) -> Tensor:
        """The mean loss of some rows, a scalar with gradients."""


def batches(task: Task, count: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """``count`` rows in batches of about one length each, in random order; rows repeat evenly."""
    passes = [rng.permutation(len(task)) for _ in range(-(-count // len(task)))]
    rows = np.concatenate(passes)[:count]
    window = WINDOW * task.batch_size
    drawn = []
    for start in range(0, count, window):
        part = rows[start : start + window]
        part = part[np.argsort(task.lengths[part], kind="stable")]
        drawn += [part[i : i + task.batch_size] for i in range(0, len(part), task.batch_size)]
    return [drawn[i] for i in rng.permutation(len(drawn))]


@dataclass(frozen=True, slots=True)
class Classify:
    """Targets in [0, 1] for every label of a head."""

    head: str
    data: Labelled
    batch_size: int = 32

    def __len__(self) -> int:
        return len(self.data)

    @property
    def lengths(self) -> NDArray[np.int64]:
        return _lengths(self.data.texts)

    def loss(self, reader: MessageReader, rows: NDArray[np.int64], rng: random.Random) -> Tensor:
        targets = self.data.targets[rows]
        labels = _felt(targets) if self.head == "kote" else [()] * len(rows)
        texts = [
            as_typed(self.data.texts[row], rng, felt)
            for row, felt in zip(rows, labels, strict=True)
        ]
        return _label_loss(reader, reader(texts), self.head, targets)


@dataclass(frozen=True, slots=True)
class Translate:
    """One text in two languages: both have the targets of each head, and lie together."""

    data: Pairs
    targets: dict[str, NDArray[np.float32]]
    batch_size: int = 16

    def __len__(self) -> int:
        return len(self.data)

    @property
    def lengths(self) -> NDArray[np.int64]:
        return _lengths(self.data.left)

    def loss(self, reader: MessageReader, rows: NDArray[np.int64], rng: random.Random) -> Tensor:
        left = [as_typed(self.data.left[row], rng) for row in rows]
        right = [as_typed(self.data.right[row], rng) for row in rows]
        vectors = reader(left + right)
        loss = CONTRAST * _contrast(*vectors.split(len(rows)))
        for head, targets in self.targets.items():
            both = np.concatenate([targets[rows], targets[rows]])
            loss = loss + _label_loss(reader, vectors, head, both)
        return loss


@dataclass(frozen=True, slots=True)
class Sides:
    """Lines in two languages whose emotions and whose turn affection are known.

    The loss adds to that of the labels how far the turn affection Σ p·w / Σ p of the predicted
    probabilities lies outside the range that the line's affection asks for (hinge loss). Annotators
    of chat lines name few labels; those of the line's own side that they did not name weigh less.
    """

    data: Sided
    batch_size: int = 16

    def __len__(self) -> int:
        return len(self.data)

    @property
    def lengths(self) -> NDArray[np.int64]:
        return _lengths(self.data.left)

    def loss(self, reader: MessageReader, rows: NDArray[np.int64], rng: random.Random) -> Tensor:
        targets, affection = self.data.targets[rows], self.data.affection[rows]
        felt = _felt(targets)
        left = [
            as_typed(self.data.left[row], rng, labels)
            for row, labels in zip(rows, felt, strict=True)
        ]
        right = [as_typed(self.data.right[row], rng) for row in rows]
        vectors = reader(left + right)
        logits = reader.logits(vectors, "kote").float()
        both = torch.from_numpy(np.concatenate([targets, targets])).to(logits.device)
        sides = torch.from_numpy(np.concatenate([affection, affection])).to(logits.device)
        weights = torch.tensor([LabelWeights.load()[label] for label in KOTE], device=logits.device)
        is_own = (weights * sides[:, None] > 0) & (both < 0.5)
        labels = binary_cross_entropy_with_logits(
            logits, both, weight=1.0 - (1.0 - SAME_SIDE) * is_own.float(), reduction="sum"
        )
        probabilities = logits.sigmoid()
        score = (probabilities @ weights) / probabilities.sum(dim=1)
        return (
            CONTRAST * _contrast(*vectors.split(len(rows)))
            + LABEL_SHARE * labels / len(both)
            + SCORE_SHARE * _outside(score, sides).mean()
        )


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Two sentences of one meaning lie nearer to each other than to the rest of the batch."""

    data: Pairs
    batch_size: int = 16

    def __len__(self) -> int:
        return len(self.data)

    @property
    def lengths(self) -> NDArray[np.int64]:
        return _lengths(self.data.left)

    def loss(self, reader: MessageReader, rows: NDArray[np.int64], rng: random.Random) -> Tensor:
        left = [as_typed(self.data.left[row], rng) for row in rows]
        right = [self.data.right[row] for row in rows]
        return CONTRAST * _contrast(*reader(left + right).split(len(rows)))


@dataclass(frozen=True, slots=True)
class Similarity:
    """Cosines of sentence pairs run with people's similarity scores (1 − Pearson correlation)."""

    data: Pairs
    batch_size: int = 32

    def __len__(self) -> int:
        return len(self.data)

    @property
    def lengths(self) -> NDArray[np.int64]:
        return _lengths(self.data.left)

    def loss(self, reader: MessageReader, rows: NDArray[np.int64], _: random.Random) -> Tensor:
        texts = [self.data.left[row] for row in rows] + [self.data.right[row] for row in rows]
        left, right = reader(texts).split(len(rows))
        cosines = (left * right).sum(dim=1)
        scores = torch.from_numpy(self.data.targets[rows, 0])
        both = torch.stack([cosines, scores.to(cosines.device)])
        return 1.0 - torch.corrcoef(both)[0, 1].nan_to_num(1.0)


@dataclass(frozen=True, slots=True)
class Keep:
    """Sentences whose vectors stay where they are (less-forgetting learning; Jung et al. 2016).

    ``vectors`` (N, D) float32 of unit length are those that they should have.
    """

    texts: tuple[str, ...]
    vectors: NDArray[np.float32]
    batch_size: int = 32

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def lengths(self) -> NDArray[np.int64]:
        return _lengths(self.texts)

    def loss(self, reader: MessageReader, rows: NDArray[np.int64], _: random.Random) -> Tensor:
        vectors = reader([self.texts[row] for row in rows])
        wanted = torch.from_numpy(self.vectors[rows]).to(vectors.device)
        cosines: Tensor = (vectors * wanted).sum(dim=1)
        return KEEPING * (1.0 - cosines.mean())


def _outside(score: Tensor, affection: Tensor) -> Tensor:
    """How far scores (N,) in [-1, 1] lie from the range that affection in [-3, 3] asks for."""
    least = torch.tensor((0.0, *LEAST_AFFECTION), device=score.device)[affection.abs().long()]
    towards = least - score * affection.sign()
    return torch.where(affection == 0, score.abs() - NEUTRAL_BAND, towards).clamp(min=0.0)


def _lengths(texts: Sequence[str]) -> NDArray[np.int64]:
    return np.array([len(text) for text in texts], np.int64)


def _felt(targets: NDArray[np.float32]) -> list[tuple[str, ...]]:
    return [tuple(KOTE[i] for i in np.flatnonzero(row > 0.5)) for row in targets]


def _label_loss(
    reader: MessageReader, vectors: Tensor, head: str, targets: NDArray[np.float32]
) -> Tensor:
    logits = reader.logits(vectors, head)
    wanted = torch.from_numpy(targets).to(logits.device)
    return (
        LABEL_SHARE
        * binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
        / len(targets)
    )


def _contrast(left: Tensor, right: Tensor) -> Tensor:
    """InfoNCE in both directions (van den Oord et al. 2018) over (N, D) and (N, D)."""
    logits = left @ right.T / TEMPERATURE
    own = torch.arange(len(left), device=logits.device)
    return (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2
