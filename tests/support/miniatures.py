"""Miniatures of FER-2013 and AffectNet in every layout that they are handed out in.

A face is a pattern of stripes that its emotion gives the direction and width of, with noise of its
own: small enough to build in a moment, different enough to be learned, hashed and told apart.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seollem.scoring.emotions import AFFECTNET, FACE_EMOTIONS, FER2013
from seollem.training.data.affectnet import COLUMNS
from seollem.training.data.faces import VOTE_COLUMNS

SIDE = 48


def striped_face(emotion: str, seed: int, side: int = SIDE) -> NDArray[np.uint8]:
    """(side, side) grey: the same seed gives the same face, at any size."""
    random = np.random.default_rng((FACE_EMOTIONS.index(emotion), seed))
    angle = FACE_EMOTIONS.index(emotion) * np.pi / len(FACE_EMOTIONS) + random.normal(0, 0.04)
    across, down = np.meshgrid(*(2 * [(np.arange(side) + 0.5) / side]))
    along = across * np.cos(angle) + down * np.sin(angle)
    face = 128 + 60 * np.sin(2 * np.pi * (3 * along + random.random()))
    for _ in range(6):  # what makes it this face and no other
        x, y = random.random(2)
        depth = random.normal(0, 60)
        face += depth * np.exp(-((across - x) ** 2 + (down - y) ** 2) / 0.08**2)
    return np.asarray(face.clip(0, 255), np.uint8)


def picture(face: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    """A face as the bytes of a picture file."""
    file = io.BytesIO()
    Image.fromarray(face).save(file, kind)
    return file.getvalue()


@dataclass(frozen=True)
class CsvRow:
    """A row of fer2013.csv."""

    emotion: str
    usage: str
    face: NDArray[np.uint8]


def fer2013_rows(training: int = 4, test: int = 2) -> list[CsvRow]:
    """``training`` faces of each of the seven emotions, ``test`` for either test split."""
    counts = {"Training": training, "PublicTest": test, "PrivateTest": test}
    seeds = iter(range(1_000_000))
    return [
        CsvRow(emotion, usage, striped_face(emotion, next(seeds)))
        for usage, count in counts.items()
        for _ in range(count)
        for emotion in FER2013
    ]


def write_fer2013(folder: Path, rows: Sequence[CsvRow], *, votes: bool = True) -> Path:
    """fer2013.csv, and fer2013new.csv eight votes a row for its emotion, two for neutral."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "fer2013.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for row in rows:
            pixels = " ".join(map(str, row.face.ravel()))
            writer.writerow([FER2013.index(row.emotion), pixels, row.usage])
    if votes:
        with (folder / "fer2013new.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["Usage", "Image name", *VOTE_COLUMNS])
            for number, row in enumerate(rows):
                cast = [8 * (name == row.emotion) for name in VOTE_COLUMNS]
                cast[0] += 2
                writer.writerow([row.usage, f"fer{number:07d}.png", *cast])
    return folder


# How Kaggle's copies call the emotions.
FOLDER_NAMES = {
    "anger": "angry",
    "happiness": "happy",
    "sadness": "sad",
}


def write_folders(
    folder: Path, faces: Iterable[tuple[str, str, str, NDArray[np.uint8]]], kind: str = "JPEG"
) -> Path:
    """Pictures in folders: (split folder, emotion, file name, face) each."""
    for split, emotion, name, face in faces:
        path = folder / split / FOLDER_NAMES.get(emotion, emotion) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(face, kind))
    return folder


def fer2013_folders(rows: Sequence[CsvRow]) -> Iterator[tuple[str, str, str, NDArray[np.uint8]]]:
    """The rows of the csv file as Kaggle's folders name them: both test splits lie in test/."""
    for number, row in enumerate(rows):
        split = "train" if row.usage == "Training" else "test"
        yield split, row.emotion, f"{row.usage}_{number}.jpg", row.face


@dataclass(frozen=True)
class AffectNetFace:
    """A face of AffectNet; ``expression`` may also be 8 (none), 9 (uncertain) or 10 (no face)."""

    set: str
    expression: int
    face: NDArray[np.uint8]
    valence: float = 0.25
    arousal: float = -0.5


def affectnet_faces(
    training: int = 6, validation: int = 2, dropped: Sequence[int] = (8, 9, 9, 10)
) -> list[AffectNetFace]:
    """Faces of each of the eight expressions, and some that show none of them."""
    seeds = iter(range(1_000_000, 2_000_000))
    faces = [
        AffectNetFace(split, number, striped_face(emotion, next(seeds), 64))
        for split, count in (("train_set", training), ("val_set", validation))
        for _ in range(count)
        for number, emotion in enumerate(AFFECTNET)
    ]
    nothing = [
        AffectNetFace("train_set", number, striped_face("neutral", next(seeds), 64), -2, -2)
        for number in dropped
    ]
    return faces + nothing


def landmarks(side: int) -> NDArray[np.float64]:
    """(68, 2): a level face whose crop, framed as selfies are, is the whole picture."""
    points = np.empty((68, 2))
    jaw = np.linspace(0, np.pi, 17)
    points[:17] = np.column_stack([0.5 - 0.36 * np.cos(jaw), 0.4 + 0.55 * np.sin(jaw)])
    points[17:27] = np.column_stack([np.linspace(0.2, 0.8, 10), np.full(10, 0.3)])
    points[27:36] = (0.5, 0.58)
    points[36:42] = (0.5 - 0.5 / 2.8, 0.39)
    points[42:48] = (0.5 + 0.5 / 2.8, 0.39)
    points[48:68] = (0.5, 0.77)
    return points * side


def write_affectnet(folder: Path, faces: Sequence[AffectNetFace]) -> Path:
    """The official layout: a picture, and four small arrays for it."""
    for number, face in enumerate(faces):
        stem = f"{number:04}"
        images, annotations = (folder / face.set / name for name in ("images", "annotations"))
        images.mkdir(parents=True, exist_ok=True)
        annotations.mkdir(parents=True, exist_ok=True)
        (images / f"{stem}.jpg").write_bytes(picture(face.face, "JPEG"))
        # The published files hold the digits as text.
        np.save(annotations / f"{stem}_exp.npy", np.array(str(face.expression)))
        np.save(annotations / f"{stem}_val.npy", np.array(str(face.valence)))
        np.save(annotations / f"{stem}_aro.npy", np.array(str(face.arousal)))
        np.save(annotations / f"{stem}_lnd.npy", landmarks(face.face.shape[0]).ravel())
    return folder


def write_affectnet_lists(
    folder: Path, faces: Sequence[AffectNetFace], *, header: bool = True
) -> Path:
    """The older layout: photographs with a frame around the face, and two csv lists."""
    files = {"train_set": "training.csv", "val_set": "validation.csv"}
    for name, file in files.items():
        with (folder / file).open("w", newline="") as out:
            writer = csv.writer(out)
            if header or name == "train_set":
                writer.writerow(COLUMNS)
            for number, face in enumerate(faces):
                if face.set != name:
                    continue
                side = face.face.shape[0]
                photograph = np.pad(face.face, 16, constant_values=90)
                path = folder / "Manually_Annotated_Images" / "7" / f"{number}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(picture(photograph, "JPEG"))
                points = ";".join(f"{value:.2f}" for value in (landmarks(side) + 16).ravel())
                box = [16, 16, side, side]
                affect = [face.expression, face.valence, face.arousal]
                writer.writerow([f"7/{number}.jpg", *box, points, *affect])
    return folder
