"""The sources of faces, each in whichever of its layouts a folder has."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from seollem.scoring.emotions import FER2013
from seollem.training.data.affectnet import read_affectnet
from seollem.training.data.faces import ANNOTATORS
from seollem.training.data.fer2013 import FACES_FILE, VOTES_FILE, read_faces, read_votes
from seollem.training.data.labelled_folders import read_labelled_folders
from seollem.training.data.manifest import Row
from seollem.training.data.splits import with_every_split
from seollem.training.errors import DataError
from seollem.training.files.skipped import Skipped

NAMES = {"fer2013": "FER-2013", "affectnet": "AffectNet"}


def read_source(source: str, folder: Path, skipped: Skipped) -> list[Row]:
    """The rows of a source ("fer2013" or "affectnet") in a folder, in three splits.

    Raises:
        DataError: the folder is missing or has none of the source's layouts.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder. Fetch it with: seollem train download")
    return with_every_split(PARSERS[source](folder, skipped))


def check_classes(rows: Sequence[Row]) -> None:
    """Every source must have faces of every emotion it can label.

    Raises:
        DataError: one has none of some.
    """
    for source in dict.fromkeys(row.source for row in rows):
        counts = Counter(row.label for row in rows if row.source == source)
        empty = [label for label in ANNOTATORS[source] if not counts[label]]
        if empty:
            raise DataError(
                f"{NAMES[source]} has no face of {', '.join(empty)}. Is it all there? "
                "seollem train download checks it."
            )


def _read_fer2013(folder: Path, skipped: Skipped) -> list[Row]:
    tables = [*folder.glob(FACES_FILE), *sorted(folder.glob(f"*/{FACES_FILE}"))]
    if not tables:
        return read_labelled_folders(folder, "fer2013", skipped)
    table = tables[0]
    faces, total = read_faces(table, skipped)
    votes_file = table.with_name(VOTES_FILE)
    votes = read_votes(votes_file, total).tolist() if votes_file.is_file() else None
    return [
        Row(
            "fer2013",
            face.split,
            FER2013[face.label],
            table,
            number=face.number,
            votes=tuple(votes[face.number]) if votes else None,
        )
        for face in faces
    ]


PARSERS: Mapping[str, Callable[[Path, Skipped], list[Row]]] = {
    "fer2013": _read_fer2013,
    "affectnet": read_affectnet,
}
