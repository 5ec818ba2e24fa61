"""Validation figures during training, those of unseen words included."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from seollem.training.data.faces import FaceSet
from seollem.training.measure.metrics import accuracy, unweighted_recall
from seollem.training.measure.synonyms import SYNONYMS
from seollem.training.towers.predict import embed_features, tower_features
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP


@torch.inference_mode()
def validate(model: EmotionCLIP, label_space: LabelSpace, faces: FaceSet) -> dict[str, float]:
    """Accuracy by the labels of either annotator, with UAR, and by words never trained on.

    No prior is applied, as none is chosen yet. ``score``, which searches maximise, is the mean of
    the annotators' accuracies and UARs.
    """
    features = tower_features(model, faces.images)
    embedded = {
        annotator: embed_features(model, features, annotator)
        for annotator in model.config.annotators
    }
    metrics = {}

    def measure(name: str, annotator: str, labels: Sequence[str], truth: NDArray[np.int64]) -> None:
        known = truth >= 0
        if not known.any():
            return
        logits = model.logits(embedded[annotator][known], label_space(labels), annotator)
        probabilities = logits.softmax(dim=1).numpy()
        metrics[name] = accuracy(probabilities, truth[known])
        metrics[f"{name}_uar"] = unweighted_recall(probabilities, truth[known])

    for annotator, labels in model.config.annotator_labels.items():
        measure(annotator, annotator, labels, faces.truth(annotator))
    metrics["score"] = float(np.mean(list(metrics.values())))
    if "ferplus" in embedded:
        for language, words in SYNONYMS.items():
            measure(f"synonyms_{language}", "ferplus", words, faces.plurality)
    return {name: round(value, 4) for name, value in metrics.items()}
