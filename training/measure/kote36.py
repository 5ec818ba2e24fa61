"""KOTE-36: which of 36 emotions that no face data set names does a face show?

Nobody has labelled faces with them, so the standard is silver: a label's relevance to a face is
the expected co-occurrence (phi over KOTE's comments, see ``seollem.training.measure.cooccurrence``)
under the distribution of the annotators' votes, negative ones set to 0, and the five greatest count
as true. It says which labels people use together with the emotions that they saw, not what they
saw.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.emotions import FACE_EMOTIONS, NEW_EMOTIONS
from seollem.training.data.faces import FaceSet
from seollem.training.measure.classifiers import Predict
from seollem.training.measure.cooccurrence import load_table
from seollem.training.measure.evaluators import mean_of
from seollem.training.measure.figures import Figure, Measurement, Row
from seollem.training.measure.rankings import TOP, hit_at, ndcg_at, recall_at

GROUP = "36 new emotions"
CONTEMPT = FACE_EMOTIONS.index("contempt")
NEUTRAL = FACE_EMOTIONS.index("neutral")


def relevance(faces: FaceSet) -> NDArray[np.float64]:
    """(N, 36): of NEW_EMOTIONS to each face, at least 0; 0 everywhere where nobody's vote counts.

    KOTE has no label for contempt, so votes for it say nothing here.
    """
    shares = faces.vote_shares.astype(np.float64)
    shares[:, CONTEMPT] = 0
    expected: NDArray[np.float64] = shares @ load_table()
    return expected.clip(min=0)


def has_standard(faces: FaceSet) -> NDArray[np.bool_]:
    """(N,) bool: faces with at least five relevant labels."""
    known: NDArray[np.bool_] = (relevance(faces) > 0).sum(axis=1) >= TOP
    return known


def ranking_measurements(faces: FaceSet, name: str, predict: Predict) -> Iterator[Measurement]:
    """A classifier's figures, over all faces and over those that are not neutral."""
    scores, wanted = predict(NEW_EMOTIONS), relevance(faces)
    known = has_standard(faces)
    moved = known & (faces.vote_shares.argmax(axis=1) != NEUTRAL)
    for subset, mask in {"": known, ", faces not neutral": moved}.items():
        if not mask.any():
            continue
        ranked, true = scores[mask], wanted[mask]
        values: Mapping[str, NDArray[np.float64]] = {
            "recall@5": recall_at(ranked, true),
            "nDCG@5": ndcg_at(ranked, true),
            "top-5 accuracy": hit_at(ranked, true),
        }
        yield Measurement(GROUP, name + subset, int(mask.sum()), mean_of(values))


def constant_order(training: FaceSet, n: int, labels: Sequence[str]) -> NDArray[np.float32]:
    """(n, L): for every face the labels in the order of their relevance to the training faces."""
    usual = relevance(training).mean(axis=0).astype(np.float32)
    return np.broadcast_to(usual, (n, len(labels)))


def chance(faces: FaceSet) -> Row:
    """What an order drawn by lot is expected to reach."""
    wanted = relevance(faces)[has_standard(faces)]
    discounts = 1 / np.log2(np.arange(2, TOP + 2))
    best = -np.sort(-wanted, axis=1)[:, :TOP] @ discounts
    gain = float((wanted.mean(axis=1) * discounts.sum() / best).mean())
    by_lot = TOP / len(NEW_EMOTIONS)
    values = {"recall@5": by_lot, "nDCG@5": gain, "top-5 accuracy": by_lot}
    figures = {metric: Figure.exact(value) for metric, value in values.items()}
    return Row(GROUP, "by lot (5/36)", len(wanted), figures)
