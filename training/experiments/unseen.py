"""An emotion that a model is never shown nor told of, and how well it finds it."""

import dataclasses
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.emotions import FACE_EMOTIONS
from seollem.training.data.faces import ANNOTATORS, FaceSet, Split
from seollem.training.errors import CheckpointError
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.run import FaceRun, open_run
from seollem.training.finetune.targets import Targets
from seollem.training.measure.figures import Evaluator
from seollem.training.towers.backbones import model_type
from seollem.training.towers.related import related_labels
from seollem.training.towers.vocabulary import Phrasings, load_text_tower
from seollem.vision.model import EmotionCLIPConfig
from seollem.vision.prompts import words_of

# What may come off the seen labels' logits.
PENALTIES = tuple(round(0.25 * i, 2) for i in range(61))


def without(faces: FaceSet, emotion: str) -> FaceSet:
    """The faces less those of the training split that somebody took for the emotion.

    That is two votes or more (one is a slip, see ``FaceSet.vote_shares``), or a source's own label.
    """
    shown = faces.vote_shares[:, FACE_EMOTIONS.index(emotion)] > 0
    for annotator, labels in ANNOTATORS.items():
        if emotion in labels:
            shown |= faces.truth(annotator) == labels.index(emotion)
    return faces.where(~shown | (faces.splits != Split.TRAINING))


def open_run_without(
    emotion: str, config: FinetuneConfig, *, faces: FaceSet, backbone: str, encoder: str, out: Path
) -> FaceRun:
    """A fine-tuning that knows neither the emotion's faces nor its words, or goes on with it.

    Raises:
        CheckpointError: the backbone was trained on emotions, or as
            ``seollem.training.finetune.run`` says.
    """
    refuse_trained(backbone)
    run = open_run(
        config, faces=without(faces, emotion), backbone=backbone, encoder=encoder, out=out
    )
    objective = run.objective
    tower = load_text_tower(encoder, config.sentence_prefix)
    labels = {
        annotator: [label for label in own if label != emotion]
        for annotator, own in objective.model.config.annotator_labels.items()
    }
    means = objective.label_space.template_means
    objective.criterion.phrasings = Phrasings(tower, labels, means)
    objective.criterion.related = related_labels(
        objective.label_space, labels, config.spread, untold=words_of(emotion)
    )
    objective.criterion.to(run.accelerator.device)
    objective.examples = dataclasses.replace(
        objective.examples, targets=without_column(objective.examples.targets, emotion)
    )
    return run


def refuse_trained(backbone: str) -> None:
    """Raises CheckpointError where the backbone is an EmotionCLIP: it has seen every emotion."""
    if model_type(Path(backbone)) == EmotionCLIPConfig.model_type:
        raise CheckpointError(
            f"{backbone} was trained on emotions, so none of them is new to it. Give the backbone "
            "that finetune starts from."
        )


def without_column(targets: Targets, emotion: str) -> Targets:
    """Targets over the other labels, each row that counts summing to 1 again."""
    kept: Targets = {}
    for annotator, own in targets.items():
        labels = ANNOTATORS[annotator]
        others = own[:, [number for number, label in enumerate(labels) if label != emotion]]
        totals = others.sum(axis=1, keepdims=True)
        kept[annotator] = np.divide(others, totals, out=np.zeros_like(others), where=totals > 0)
    return kept


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a model predicts for some faces when the left-out emotion was among the labels again.

    Attributes:
        emotion: the one that was left out.
        logits: (N, 8) float32, over FACE_EMOTIONS.
        truth: (N,) int64, label numbers.
    """

    emotion: str
    logits: NDArray[np.float32]
    truth: NDArray[np.int64]

    def evaluator(self, penalty: float = 0.0) -> Evaluator:
        """Seen accuracy, unseen recall and their harmonic mean over all eight labels.

        ``penalty`` is taken off the logits of the labels that were trained on.
        """
        number = FACE_EMOTIONS.index(self.emotion)
        moved = self.logits - np.float32(penalty)
        moved[:, number] += np.float32(penalty)
        hits = moved.argmax(axis=1) == self.truth
        unseen = self.truth == number

        def evaluate(rows: NDArray[np.int64]) -> Iterator[tuple[str, float]]:
            new = unseen[rows]
            seen_accuracy = _share(hits[rows][~new])
            unseen_recall = _share(hits[rows][new])
            yield "seen accuracy", seen_accuracy
            yield "unseen recall", unseen_recall
            yield "harmonic mean", statistics.harmonic_mean((seen_accuracy, unseen_recall))

        return evaluate

    def harmonic_mean(self, penalty: float = 0.0) -> float:
        """Over all faces."""
        return dict(self.evaluator(penalty)(np.arange(len(self.truth))))["harmonic mean"]


def best_penalty(attempts: Sequence[Attempt]) -> float:
    """The penalty with the greatest mean harmonic mean, the smallest of equal ones."""
    return max(PENALTIES, key=lambda p: sum(attempt.harmonic_mean(p) for attempt in attempts))


def _share(hits: NDArray[np.bool_]) -> float:
    return float(hits.mean()) if len(hits) else 0.0
