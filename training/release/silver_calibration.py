"""How a calibration for the 36 new emotions is chosen.

Scale and offsets (see ``seollem.training.release.vocabulary_calibration``) have the least cross-
entropy between the probabilities and the silver standard of ``seollem.training.measure.kote36``, on
validation faces. An answer counts as right when it is among the five labels that are true by the
standard; ``abstain_below`` is the least confidence from which on up two answers of three are right.
The offsets' penalty is the one with which most faces are answered: without a penalty offsets fit
the whole distribution at the cost of its peak.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seollem.scoring.emotions import NEW_EMOTIONS
from seollem.training.data.faces import FaceSet, Split
from seollem.training.measure.kote36 import has_standard, relevance
from seollem.training.measure.rankings import top
from seollem.training.release.vocabulary_calibration import VocabularyCalibration
from seollem.training.towers.predict import tower_features
from seollem.vision.classifier import reading_logits
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP

LEAST_RIGHT = 2 / 3
# On the offsets' mean square: without one, labels that are never true would go to -infinity.
PENALTIES = (1e-3, 1e-2, 0.1, 1.0)
STEPS = 200


@dataclass(frozen=True, slots=True)
class SilverFaces:
    """``logits`` (N, 36) of faces that the standard covers; their ``relevance`` (N, 36), ≥ 0."""

    logits: Tensor
    relevance: NDArray[np.float64]


def silver_faces(
    model: EmotionCLIP, label_space: LabelSpace, faces: FaceSet, split: Split
) -> SilverFaces | None:
    """Faces of a split that the standard covers, without leaked ones; None where there is none."""
    rows = faces.where((faces.splits == split) & ~faces.leaked)
    rows = rows.where(has_standard(rows))
    if not len(rows):
        return None
    features = tower_features(model, rows.images)
    with torch.inference_mode():
        logits = reading_logits(model, features, label_space(NEW_EMOTIONS))
    return SilverFaces(logits.clone(), relevance(rows))


def calibrate_vocabulary(validation: SilverFaces, test: SilverFaces) -> VocabularyCalibration:
    """Choose scale, offsets and threshold on validation; look at the test faces once."""
    fits = [_fit(validation, penalty) for penalty in PENALTIES]
    scale, offsets = max(fits, key=lambda fit: _answered(*_answers(validation, *fit)))
    confidence, is_right = _answers(validation, scale, offsets)
    threshold = _threshold(confidence, is_right)
    test_confidence, test_is_right = _answers(test, scale, offsets)
    kept, test_kept = confidence >= threshold, test_confidence >= threshold
    return VocabularyCalibration(
        scale=scale,
        offsets=tuple(offsets.tolist()),
        abstain_below=threshold,
        kept=float(kept.mean()),
        right=float(is_right[kept].mean()),
        test_kept=float(test_kept.mean()),
        test_right=float(test_is_right[test_kept].mean()) if test_kept.any() else 0.0,
    )


def _fit(faces: SilverFaces, penalty: float) -> tuple[float, Tensor]:
    wanted = torch.from_numpy(faces.relevance / faces.relevance.sum(axis=1, keepdims=True))
    logits = faces.logits.double()
    log_scale = torch.zeros((), dtype=torch.float64, requires_grad=True)
    offsets = torch.zeros(logits.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [log_scale, offsets], max_iter=STEPS, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        predicted = (log_scale.exp() * logits + offsets).log_softmax(dim=1)
        value = -(wanted * predicted).sum(dim=1).mean() + penalty * offsets.square().mean()
        value.backward()
        return value

    optimizer.step(loss)
    found = offsets.detach()
    return float(log_scale.detach().exp()), found - found.mean()


def _answers(
    faces: SilverFaces, scale: float, offsets: Tensor
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(N,) confidence of the most probable label, and whether it is right."""
    probabilities = (scale * faces.logits.double() + offsets).softmax(dim=1).numpy()
    true = top(faces.relevance)
    is_right: NDArray[np.bool_] = (true == probabilities.argmax(axis=1)[:, None]).any(axis=1)
    return probabilities.max(axis=1), is_right


def _answered(confidence: NDArray[np.float64], is_right: NDArray[np.bool_]) -> float:
    """The share of faces that are as sure as the threshold asks."""
    return float((confidence >= _threshold(confidence, is_right)).mean())


def _threshold(confidence: NDArray[np.float64], is_right: NDArray[np.bool_]) -> float:
    """The least confidence from which on up enough answers are right; else the greatest."""
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= LEAST_RIGHT)
    return float(confidence[order[enough[-1] if len(enough) else 0]])
