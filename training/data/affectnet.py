"""AffectNet (Mollahosseini et al. 2017), in the layouts that it was handed out in.

    train_set/images/12.jpg   train_set/annotations/12_exp.npy, 12_val.npy, 12_aro.npy, 12_lnd.npy
    training.csv, validation.csv   and   Manually_Annotated_Images/689/….jpg

The eight expressions are kept with valence and arousal; faces that were found to show none, to be
uncertain, or to be no faces are counted and left out.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.lib.format import read_array
from numpy.typing import NDArray

from seollem.scoring.emotions import AFFECTNET
from seollem.training.data.faces import Split
from seollem.training.data.labelled_folders import PICTURES, read_labelled_folders
from seollem.training.data.landmarks import crop_from_box, crop_from_landmarks
from seollem.training.data.manifest import Row
from seollem.training.errors import DataError
from seollem.training.files.skipped import Skipped
from seollem.training.files.tables import Record, read_table
from seollem.vision.geometry import Square

SOURCE = "affectnet"
DROPPED = ("no expression", "uncertain", "no face")  # numbers 8, 9 and 10
SETS = {"train_set": Split.TRAINING, "val_set": Split.PUBLIC}
LISTS = {"training.csv": Split.TRAINING, "validation.csv": Split.PUBLIC}
LIST_FOLDERS = ("", "Manually_Annotated_file_lists", "Manually_Annotated_file_lists/lists")
PICTURE_FOLDERS = (
    "",
    "Manually_Annotated_Images",
    "Manually_Annotated/Manually_Annotated_Images",
    "images",
)
COLUMNS = (
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
)
TRIED = 100  # rows of a list, to find out where the pictures lie


def read_affectnet(folder: Path, skipped: Skipped) -> list[Row]:
    """The faces of a folder, whichever layout it has.

    Raises:
        DataError: the folder is missing or has none of the layouts, or a list lacks columns.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder. Give the one that AffectNet was unpacked into.")
    sets = {name: split for name, split in SETS.items() if (folder / name / "annotations").is_dir()}
    if sets:
        return [
            row for name, split in sets.items() for row in _read_set(folder / name, split, skipped)
        ]
    for below in LIST_FOLDERS:
        lists = {file: split for file, split in LISTS.items() if (folder / below / file).is_file()}
        if lists:
            return [
                row
                for file, split in lists.items()
                for row in _read_list(folder / below / file, folder, split, skipped)
            ]
    return read_labelled_folders(folder, SOURCE, skipped)


def _read_set(folder: Path, split: Split, skipped: Skipped) -> Iterator[Row]:
    """One of the folders with a file for each annotation."""
    annotations = folder / "annotations"
    pictures = {
        path.stem: path
        for path in sorted((folder / "images").glob("*"))
        if path.suffix.lower() in PICTURES
    }
    labelled = {path.name.removesuffix("_exp.npy") for path in annotations.glob("*_exp.npy")}
    for stem in sorted(labelled - pictures.keys()):
        skipped.add("labels without a picture", annotations / f"{stem}_exp.npy")
    for stem, path in pictures.items():
        expression = _numbers(annotations / f"{stem}_exp.npy")
        label = _label(expression[0] if len(expression) == 1 else None, path, skipped)
        if label:
            valence, arousal = (
                _affect(_numbers(annotations / f"{stem}_{name}.npy")) for name in ("val", "aro")
            )
            crop = crop_from_landmarks(_numbers(annotations / f"{stem}_lnd.npy"))
            yield Row(SOURCE, split, label, path, valence=valence, arousal=arousal, crop=crop)


def _read_list(path: Path, folder: Path, split: Split, skipped: Skipped) -> Iterator[Row]:
    """One of the older csv lists; some copies of validation.csv come without the header."""
    records = list(read_table(path, COLUMNS, headless=COLUMNS))
    base = _picture_folder(folder, path, records)
    for record in records:
        picture = base / (record["subDirectory_filePath"] or "")
        label = _label(_number(record["expression"]), picture, skipped)
        if label is None:
            continue
        if not picture.is_file():
            skipped.add("labels without a picture", picture)
            continue
        valence, arousal = (
            _affect(np.array([_number(record[name])], np.float64))
            for name in ("valence", "arousal")
        )
        crop = _crop(record)
        yield Row(SOURCE, split, label, picture, valence=valence, arousal=arousal, crop=crop)


def _picture_folder(folder: Path, path: Path, records: list[Record]) -> Path:
    names = [record["subDirectory_filePath"] or "" for record in records[:TRIED]]
    for below in (*PICTURE_FOLDERS, path.stem):
        if any(name and (folder / below / name).is_file() for name in names):
            return folder / below
    raise DataError(
        f"The pictures that {path} lists are not below {folder}. "
        "Unpack Manually_Annotated_Images there."
    )


def _label(number: float | None, place: Path, skipped: Skipped) -> str | None:
    """The expression's name; what is none of the eight is counted."""
    if number is None or not number.is_integer():
        skipped.add("without a readable label", place)
    elif 0 <= number < len(AFFECTNET):
        return AFFECTNET[int(number)]
    elif number - len(AFFECTNET) in range(len(DROPPED)):
        skipped.add(f"labelled as {DROPPED[int(number) - len(AFFECTNET)]}", place)
    else:
        skipped.add("of an unknown label", place)
    return None


def _affect(values: NDArray[np.float64]) -> float | None:
    """Valence or arousal; AffectNet writes -2 where the annotator gave none."""
    value = float(values[0]) if values.size == 1 else None
    return value if value is not None and -1 <= value <= 1 else None


def _crop(record: Record) -> Square | None:
    points = [_number(text) for text in (record["facial_landmarks"] or "").split(";")]
    crop = crop_from_landmarks(np.array(points, np.float64))
    box = [_number(record[name]) for name in COLUMNS[1:5]]
    return crop or crop_from_box(np.array(box, np.float64))


def _number(text: str | None) -> float:
    """NaN where the text is no number."""
    try:
        return float(text or "")
    except ValueError:
        return float("nan")


def _numbers(path: Path) -> NDArray[np.float64]:
    """(n,) float64: an annotation file: numbers, or their digits as text. Empty where damaged."""
    try:
        with path.open("rb") as file:
            return np.asarray(read_array(file, allow_pickle=False), np.float64).ravel()
    except Exception:  # the header is parsed as Python and says how much to allocate
        return np.empty(0)
