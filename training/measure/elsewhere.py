"""How a checkpoint reads folders of photographs or crops: found, cropped and read as selfies are.

Every folder that is named for an emotion holds pictures that show it. A picture in which no face
is found, or too many, counts as wrong.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seollem.training.data.labelled_folders import read_labelled_folders
from seollem.training.errors import DataError
from seollem.training.files.skipped import Skipped
from seollem.training.measure.figures import Evaluator, Measurement
from seollem.training.measure.metrics import accuracy, calibration_error, unweighted_recall
from seollem.vision.errors import SelfieError

if TYPE_CHECKING:
    from seollem.vision.analyzer import SelfieAnalyzer  # loads OpenCV

AGE_BANDS = ((0, 25, "under 25"), (25, 40, "25 to 39"), (40, 200, "40 and older"))
GROUPS = ("gender", "ethnicity", "age")  # columns of people.csv


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of one or several sets, and what was read of them.

    Attributes:
        sets: (N,) names of the sets.
        files: (N,) their files' names.
        probabilities: (N, L + 1) float32; the last column is 1 where no face was read.
        truth: (N,) int64, label numbers below L.
        labels: L names.
    """

    sets: NDArray[np.str_]
    files: NDArray[np.str_]
    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    labels: tuple[str, ...]


def read_pictures(analyzer: "SelfieAnalyzer", folder: Path, *, are_crops: bool) -> Pictures:
    """Read every picture below a folder.

    Args:
        are_crops: the pictures are faces already; otherwise they are photographs.

    Raises:
        DataError: no folder is named for an emotion, or one for an emotion that is not read.
    """
    rows = read_labelled_folders(folder, "ferplus", Skipped())
    labels = analyzer.labels
    unread = {row.label for row in rows} - set(labels)
    if unread:
        raise DataError(f"{analyzer.model_id} does not read {', '.join(sorted(unread))}.")
    read = analyzer.read_crop if are_crops else analyzer.read
    probabilities = np.zeros((len(rows), len(labels) + 1), np.float32)
    for own, row in zip(probabilities, rows, strict=True):
        try:
            own[:-1] = read(row.path.read_bytes()).face.emotions.probabilities
        except SelfieError:
            own[-1] = 1.0
    return Pictures(
        sets=np.array([_set_of(row.path, folder) for row in rows]),
        files=np.array([row.path.name for row in rows]),
        probabilities=probabilities,
        truth=np.array([labels.index(row.label) for row in rows], np.int64),
        labels=labels,
    )


def read_people(path: Path) -> dict[str, dict[str, str]]:
    """people.csv: file name → group by kind ("gender", "ethnicity", "age" in bands).

    Raises:
        DataError: the table cannot be read, or has no column "file".
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a table of people ({error}).") from error
    if not rows or "file" not in rows[0]:
        raise DataError(f"{path} has no column named file.")
    return {row["file"]: _groups_of(row) for row in rows}


def tables(pictures: Pictures, people: dict[str, dict[str, str]]) -> Iterator[Measurement]:
    """Each set as a whole, the baseline, its groups of people, and recall by emotion."""
    for name in dict.fromkeys(pictures.sets.tolist()):
        own = np.flatnonzero(pictures.sets == name)
        yield _measurement(pictures, own, name, "all")
        commonest = np.bincount(pictures.truth[own]).argmax()
        always = np.zeros_like(pictures.probabilities)
        always[:, commonest] = 1.0
        yield Measurement(
            name,
            "baseline: always the commonest",
            len(own),
            _elsewhere(always[own], pictures.truth[own]),
        )
        for kind in GROUPS:
            groups = np.array([people.get(file, {}).get(kind, "") for file in pictures.files[own]])
            for group in sorted(set(groups.tolist()) - {""}):
                yield _measurement(pictures, own[groups == group], name, f"{kind}: {group}")
    for name in dict.fromkeys(pictures.sets.tolist()):
        own = pictures.sets == name
        hits = pictures.probabilities.argmax(axis=1) == pictures.truth
        for number, label in enumerate(pictures.labels):
            found = hits[own & (pictures.truth == number)].astype(np.float64)
            if len(found):
                yield Measurement(f"{name} recall", label, len(found), _mean("recall", found))


def _measurement(pictures: Pictures, rows: NDArray[np.int64], group: str, name: str) -> Measurement:
    return Measurement(
        group, name, len(rows), _elsewhere(pictures.probabilities[rows], pictures.truth[rows])
    )


def _elsewhere(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> Evaluator:
    """Accuracy, UAR, the share of pictures that were not read, and ECE of those that were."""

    def evaluate(rows: NDArray[np.int64]) -> Iterator[tuple[str, float]]:
        read, true = probabilities[rows], truth[rows]
        unread = read[:, -1] == 1.0
        yield "accuracy", accuracy(read, true)
        yield "UAR", unweighted_recall(read, true)
        yield "not found", float(unread.mean())
        yield "ECE", calibration_error(read[~unread], true[~unread]) if not unread.all() else 1.0

    return evaluate


def _mean(metric: str, values: NDArray[np.float64]) -> Evaluator:
    def evaluate(rows: NDArray[np.int64]) -> Sequence[tuple[str, float]]:
        return ((metric, float(values[rows].mean())),)

    return evaluate


def _set_of(path: Path, folder: Path) -> str:
    """The first folder below ``folder`` where the emotions' folders lie deeper; else its name."""
    parts = path.relative_to(folder).parts
    return parts[0] if len(parts) > 2 else folder.name


def _groups_of(row: dict[str, str]) -> dict[str, str]:
    groups = {kind: row[kind] for kind in ("gender", "ethnicity") if row.get(kind)}
    try:
        age = float(row.get("age") or "nan")
    except ValueError:
        return groups
    band = next((name for low, high, name in AGE_BANDS if low <= age < high), None)
    return groups | ({"age": band} if band else {})
