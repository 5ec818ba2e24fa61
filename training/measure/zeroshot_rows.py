"""The zero-shot tests, one after the other, with every classifier beside the others."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from seollem.scoring.emotions import FACE_EMOTIONS
from seollem.training.data.faces import FaceSet
from seollem.training.measure.classifiers import Predict, ZeroShotClassifier
from seollem.training.measure.compound import compound_measurements, constant_pair
from seollem.training.measure.evaluators import classification
from seollem.training.measure.figures import Measurement, Row, measure, measure_runs
from seollem.training.measure.kote36 import (
    chance,
    constant_order,
    has_standard,
    ranking_measurements,
)
from seollem.training.measure.literature import literature_rows
from seollem.training.measure.synonyms import NAMES, SYNONYMS

# Only the synonyms are words that training never used.
WORDINGS: dict[str, tuple[str, ...]] = {
    "trained labels": FACE_EMOTIONS,
    "Korean names": NAMES["ko"],
    "English synonyms": SYNONYMS["en"],
    "Korean synonyms": SYNONYMS["ko"],
}
ENGLISH = ("trained labels", "English synonyms")

Test = Callable[[str, Predict], Iterator[Measurement]]


def zero_shot(
    classifiers: Sequence[ZeroShotClassifier], training: FaceSet, faces: FaceSet
) -> Iterator[Row]:
    """Every test's rows; baselines that never look at a face know the training faces' votes."""
    for wording, labels in WORDINGS.items():
        for classifier in (
            classifiers if wording in ENGLISH else [c for c in classifiers if c.korean]
        ):
            yield from _rows(partial(wording_measurements, wording, labels, faces), classifier)
    yield from literature_rows()
    pair = ZeroShotClassifier(
        "always the commonest pair", (partial(constant_pair, training, len(faces)),)
    )
    for classifier in (*classifiers, pair):
        yield from _rows(partial(compound_measurements, faces), classifier)
    order = ZeroShotClassifier(
        "always the same order", (partial(constant_order, training, len(faces)),)
    )
    for classifier in (*classifiers, order):
        yield from _rows(partial(ranking_measurements, faces), classifier)
    if has_standard(faces).any():
        yield chance(faces)


def wording_measurements(
    wording: str, labels: Sequence[str], faces: FaceSet, name: str, predict: Predict
) -> Iterator[Measurement]:
    """The eight emotions of FERPlus in certain words."""
    truth = faces.plurality
    voted = np.flatnonzero(truth >= 0)
    if len(voted):
        evaluator = classification(predict(labels)[voted], truth[voted])
        yield Measurement(f"FERPlus, {wording}", name, len(voted), evaluator)


def _rows(test: Test, classifier: ZeroShotClassifier) -> Iterator[Row]:
    runs = [list(test(classifier.name, read)) for read in classifier.runs]
    for same in zip(*runs, strict=True):
        yield measure_runs(same) if len(same) > 1 else measure(same[0])
