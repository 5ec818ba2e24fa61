"""A model's figures on validation rows while it trains, unseen wordings among them."""

import numpy as np
import torch

from training.fer2013 import FaceSet
from training.metrics import accuracy, unweighted_recall
from training.predict import embed_all
from training.synonyms import SYNONYMS
from vision.label_vectors import LabelSpace
from vision.model import EmotionCLIP


@torch.inference_mode()
def validate(model: EmotionCLIP, label_space: LabelSpace, faces: FaceSet) -> dict[str, float]:
    """Accuracy by the labels of either annotator, with UAR, and by words never trained on.

    Every emotion is equally expected here: no prior is chosen yet.
    """
    embedded = {
        annotator: embed_all(model, faces.images, annotator)
        for annotator in model.config.annotators
    }

    def read(annotator: str, labels: tuple[str, ...]) -> np.ndarray:
        logits = model.logits(embedded[annotator], label_space(labels), annotator)
        probabilities: np.ndarray = logits.softmax(dim=1).numpy()
        return probabilities

    plurality = faces.plurality
    voted = plurality >= 0
    metrics = {}
    for annotator, labels in model.config.annotator_labels.items():
        truth = faces.labels if annotator == "fer2013" else plurality
        rows = truth >= 0
        probabilities = read(annotator, tuple(labels))[rows]
        metrics[annotator] = accuracy(probabilities, truth[rows])
        metrics[f"{annotator}_uar"] = unweighted_recall(probabilities, truth[rows])
    for language, words in SYNONYMS.items():
        probabilities = read("ferplus", words)[voted]
        metrics[f"synonyms_{language}"] = accuracy(probabilities, plurality[voted])
    return {name: round(value, 4) for name, value in metrics.items()}
