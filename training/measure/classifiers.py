"""Zero-shot classifiers: whatever gives faces probabilities over any labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seollem.vision.classifier import reading_logits
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP

# L labels → (N, L) probabilities of the same N faces, rows summing to 1.
Predict = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class ZeroShotClassifier:
    """A classifier of some faces, trained once or in several runs.

    Attributes:
        name: in the table.
        runs: the predictions of each training run.
        korean: whether it knows Korean words.
    """

    name: str
    runs: tuple[Predict, ...]
    korean: bool = True


def predict_with(model: EmotionCLIP, label_space: LabelSpace, features: Tensor) -> Predict:
    """Classifies the faces behind ``features`` (2, N, hidden_size) by the heads that read selfies.

    Every label is equally expected.
    """

    def predict(labels: Sequence[str]) -> NDArray[np.float32]:
        with torch.inference_mode():
            logits = reading_logits(model, features, label_space(labels))
            probabilities: NDArray[np.float32] = logits.softmax(dim=1).numpy()
        return probabilities

    return predict
