"""Compound expressions: faces on which the FERPlus votes split between two emotions.

Two emotions other than neutral have three votes or more each, and no third does. A classifier is
right when they are its two most probable labels, neutral among them or not.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.emotions import FACE_EMOTIONS
from seollem.training.data.faces import FaceSet
from seollem.training.measure.classifiers import Predict
from seollem.training.measure.evaluators import mean_of
from seollem.training.measure.figures import Measurement
from seollem.training.measure.rankings import recall_at

GROUP = "Compound"
LEAST_VOTES = 3
EMOTIONS = slice(
    1, len(FACE_EMOTIONS)
)  # columns of the votes: the eight face emotions without neutral


def is_compound(faces: FaceSet) -> NDArray[np.bool_]:
    """(N,) bool."""
    split: NDArray[np.bool_] = (faces.votes[:, EMOTIONS] >= LEAST_VOTES).sum(axis=1) == 2
    return split


def compound_measurements(faces: FaceSet, name: str, predict: Predict) -> Iterator[Measurement]:
    """On compound faces: how often both emotions are found, and which share of the two."""
    mask = is_compound(faces)
    if mask.any():
        probabilities = predict(FACE_EMOTIONS)
        votes = faces.votes[mask, : len(FACE_EMOTIONS)].astype(np.float64)
        votes[:, 0] = 0
        found = recall_at(probabilities[mask], votes, 2)
        scores = {"both in the top 2": (found == 1).astype(np.float64), "of the two": found}
        yield Measurement(GROUP, name, int(mask.sum()), mean_of(scores))


def constant_pair(training: FaceSet, n: int, labels: Sequence[str]) -> NDArray[np.float32]:
    """(n, L): for every face the pair that is commonest among the compound training faces."""
    votes = training.votes[is_compound(training), EMOTIONS] >= LEAST_VOTES
    pairs, counts = np.unique(votes, axis=0, return_counts=True)
    row = np.zeros(len(labels), np.float32)
    row[EMOTIONS] = pairs[counts.argmax()] if len(pairs) else 0
    return np.broadcast_to(row, (n, len(labels)))
