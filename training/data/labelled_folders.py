"""Pictures in folders named for their emotion: how Kaggle's copies of FER-2013 and AffectNet look.

    train/angry/Training_3908.jpg      test/happy/PrivateTest_88305.jpg      Train/0/image0001.jpg

The nearest folder above a picture that names an emotion gives the label, the nearest that names a
split the split, however deep they lie. Tables that some copies bring along (labels.csv) hold what
a network thought of the pictures, not an annotator, and are not read.

Folders named by numbers count as the annotator does (AffectNet: 0 neutral, 1 happy … 7 contempt),
as they do in copies of aligned faces. A copy that counts by the alphabet (0 anger, 1 contempt …)
cannot be told from those by its names: rename its folders.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from seollem.training.data.faces import ANNOTATORS, Split
from seollem.training.data.fer2013 import USAGES
from seollem.training.data.manifest import Row
from seollem.training.errors import DataError
from seollem.training.files.skipped import Skipped

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"})
SPLIT_NAMES = {
    **dict.fromkeys(("train", "training", "trainset"), Split.TRAINING),
    **dict.fromkeys(("val", "valid", "validation", "valset"), Split.PUBLIC),
    **dict.fromkeys(("test", "testing", "testset"), Split.PRIVATE),
}
EMOTION_NAMES = {
    **dict.fromkeys(("neutral", "neutrality"), "neutral"),
    **dict.fromkeys(("happiness", "happy", "joy"), "happiness"),
    **dict.fromkeys(("surprise", "surprised", "suprise"), "surprise"),
    **dict.fromkeys(("sadness", "sad"), "sadness"),
    **dict.fromkeys(("anger", "angry"), "anger"),
    **dict.fromkeys(("disgust", "disgusted"), "disgust"),
    **dict.fromkeys(("fear", "fearful", "afraid"), "fear"),
    **dict.fromkeys(("contempt", "contemptuous"), "contempt"),
}


def read_labelled_folders(folder: Path, source: str, skipped: Skipped) -> list[Row]:
    """The pictures below a folder. Folders named by numbers count as the source's annotator does.

    Raises:
        DataError: there is no picture in a folder that names an emotion.
    """
    rows = []
    for path in _pictures(folder):
        above = path.relative_to(folder).parts[-2::-1]  # the nearest first
        label = next((name for name in (_emotion(part, source) for part in above) if name), None)
        if label is None:
            skipped.add("in a folder that names no emotion", path)
            continue
        split = next((SPLIT_NAMES[_letters(p)] for p in above if _letters(p) in SPLIT_NAMES), None)
        usage = USAGES.get(path.name.partition("_")[0])  # FER-2013's test split in two
        chosen = split if usage is None else usage
        rows.append(Row(source, Split.TRAINING if chosen is None else chosen, label, path))
    if not rows:
        raise DataError(
            f"{folder} holds no pictures in folders named for emotions (angry, happy, 0, 1 …)."
        )
    return rows


def _pictures(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if Path(name).suffix.lower() in PICTURES:
                yield Path(path, name)


def _letters(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())


def _emotion(name: str, source: str) -> str | None:
    labels = ANNOTATORS[source]
    if name.isdecimal() and int(name) < len(labels):
        return labels[int(name)]
    label = EMOTION_NAMES.get(_letters(name))
    return label if label in labels else None
