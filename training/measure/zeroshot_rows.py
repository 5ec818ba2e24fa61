"""The zero-shot tests, one after the other, with every reader beside the others."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from seollem.scoring.emotions import FACE_EMOTIONS
from seollem.training.data.faces import FaceSet
from seollem.training.measure.compound import compound_tasks, constant_pair
from seollem.training.measure.evaluators import classification
from seollem.training.measure.figures import Row, Task, measure, measure_runs
from seollem.training.measure.kote36 import chance, constant_order, has_standard, ranking_tasks
from seollem.training.measure.literature import literature_rows
from seollem.training.measure.readers import Read, Reader
from seollem.training.measure.synonyms import NAMES, SYNONYMS

# Only the synonyms are words that training never used.
WORDINGS: dict[str, tuple[str, ...]] = {
    "trained labels": FACE_EMOTIONS,
    "Korean names": NAMES["ko"],
    "English synonyms": SYNONYMS["en"],
    "Korean synonyms": SYNONYMS["ko"],
}
ENGLISH = ("trained labels", "English synonyms")

Test = Callable[[str, Read], Iterator[Task]]


def zero_shot(readers: Sequence[Reader], training: FaceSet, faces: FaceSet) -> Iterator[Row]:
    """Every test's rows; baselines that never look at a face know the training faces' votes."""
    for wording, labels in WORDINGS.items():
        for reader in readers if wording in ENGLISH else [r for r in readers if r.korean]:
            yield from _rows(partial(wording_tasks, wording, labels, faces), reader)
    yield from literature_rows()
    pair = Reader("always the commonest pair", (partial(constant_pair, training, len(faces)),))
    for reader in (*readers, pair):
        yield from _rows(partial(compound_tasks, faces), reader)
    order = Reader("always the same order", (partial(constant_order, training, len(faces)),))
    for reader in (*readers, order):
        yield from _rows(partial(ranking_tasks, faces), reader)
    if has_standard(faces).any():
        yield chance(faces)


def wording_tasks(
    wording: str, labels: Sequence[str], faces: FaceSet, name: str, read: Read
) -> Iterator[Task]:
    """The eight emotions of FERPlus in certain words."""
    truth = faces.plurality
    voted = np.flatnonzero(truth >= 0)
    if len(voted):
        evaluator = classification(read(labels)[voted], truth[voted])
        yield Task(f"FERPlus, {wording}", name, len(voted), evaluator)


def _rows(test: Test, reader: Reader) -> Iterator[Row]:
    runs = [list(test(reader.name, read)) for read in reader.runs]
    for same in zip(*runs, strict=True):
        yield measure_runs(same) if len(same) > 1 else measure(same[0])
