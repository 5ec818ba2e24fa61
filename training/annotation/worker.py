"""Photographs → rows of the granular data set: what a worker does."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from seollem.training.annotation.photographs import Photograph
from seollem.training.release.vocabulary_calibration import VocabularyCalibration
from seollem.vision.system_libraries import system_libraries

if TYPE_CHECKING:
    from seollem.vision.analyzer import FoundFace
    from seollem.vision.readings import FaceReading

Row = dict[str, Any]  # see seollem.training.annotation.dataset.schema

# Why a face has no label.
SMALL = "small"  # fewer pixels than the model looks at
INCONCLUSIVE = "inconclusive"  # none of the eight emotions of faces stands out
UNSURE = "unsure"  # none of the labels does
ABSTENTIONS = (SMALL, INCONCLUSIVE, UNSURE)

# Why a picture has no face in the data set.
CANNOT_OPEN = "cannot be opened"
UNREADABLE = "damaged, or no picture of a format that is read"
TOO_LARGE = "too large"
NO_FACE = "no face found"
DETECTOR = "the face detector fails on it"
FATAL = "the process that read it died"


@dataclass(frozen=True, slots=True)
class AnnotationConfig:
    """What decides the rows of a photograph.

    Attributes:
        model: a checkpoint's folder or hub name; None: the embedded one.
        labels: to choose between.
        calibration: of exactly these labels, if the checkpoint has one.
        with_crops: whether rows hold the faces' pixels.
    """

    model: str | None
    labels: tuple[str, ...]
    calibration: VocabularyCalibration | None = None
    with_crops: bool = False


@dataclass(slots=True)
class Annotated:
    """The rows of some photographs; ``skipped`` are (reason, name)."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    photographs: int = 0

    def add(self, other: "Annotated", known: Collection[str] = ()) -> None:
        """Take another's in, less what is skipped of photographs ``known`` to be unopened."""
        self.rows += other.rows
        self.skipped += (
            (reason, name)
            for reason, name in other.skipped
            if reason != CANNOT_OPEN or name not in known
        )
        self.photographs += other.photographs


def annotate(config: AnnotationConfig, photographs: Sequence[Photograph]) -> Annotated:
    """Detect, crop and read; the models are loaded at the first call in a process.

    Raises:
        ModelError: the models cannot be loaded, or the labels not be asked for.
    """
    return _labeller(config)(photographs)


class Labeller:
    """Labels the faces of photographs, several in one batch.

    Raises:
        ModelError: the models cannot be loaded.
    """

    def __init__(self, config: AnnotationConfig) -> None:
        with system_libraries():
            import cv2

            from seollem.vision.analyzer import SelfieAnalyzer

        cv2.setNumThreads(1)  # each worker has one core
        self._config = config
        self._analyzer = SelfieAnalyzer.from_pretrained(config.model, threads=1)

    def __call__(self, photographs: Sequence[Photograph]) -> Annotated:
        """Rows in the order of the photographs, the largest face of each first."""
        result = Annotated(photographs=len(photographs))
        found: list[tuple[Row, FoundFace]] = []
        for photograph in photographs:
            try:
                found += self._find(photograph)
            except _Skip as skip:
                result.skipped.append((str(skip), photograph.name))
        faces = [face for _, face in found]
        usual = self._analyzer.predict(faces)
        asked = usual
        if self._config.labels != self._analyzer.labels:
            asked = self._analyzer.predict(faces, self._config.labels)
        for (row, face), expression, reading in zip(found, usual, asked, strict=True):
            result.rows.append(row | self._said(face, expression, reading))
        return result

    def _find(self, photograph: Photograph) -> "list[tuple[Row, FoundFace]]":
        from seollem.vision.errors import ImageTooLarge, NoFaceFound, SelfieError
        from seollem.vision.images import DEFAULT_LIMITS

        try:
            with photograph.path.open("rb") as file:
                data = file.read(DEFAULT_LIMITS.max_bytes + 1)
            faces = self._analyzer.find(data)
        except OSError as error:
            raise _Skip(CANNOT_OPEN) from error
        except (ImageTooLarge, MemoryError) as error:
            raise _Skip(TOO_LARGE) from error
        except NoFaceFound as error:
            raise _Skip(NO_FACE) from error
        except SelfieError as error:
            raise _Skip(UNREADABLE) from error
        except (ValueError, RuntimeError) as error:  # MediaPipe's; the next picture is unharmed
            raise _Skip(DETECTOR) from error
        digest = hashlib.sha256(data).hexdigest()
        return [
            ({"image": photograph.name, "sha256": digest, "face": number}, face)
            for number, face in enumerate(faces)
        ]

    def _said(self, face: "FoundFace", usual: "FaceReading", asked: "FaceReading") -> Row:
        emotions = asked.emotions
        if self._config.calibration:
            emotions = self._config.calibration.apply(emotions)
        (top, confidence), *_ = emotions.top(1).items()
        abstained = self._abstention(face, usual, confidence)
        row: Row = {
            "box": {side: getattr(face.box, side) for side in ("x", "y", "width", "height")},
            "score": face.score,
            "label": None if abstained else top,
            "confidence": confidence,
            "abstained": abstained,
            "probabilities": dict(emotions),
            "expression": dict(usual.emotions),
            "reviewed": False,
            "corrected": None,
        }
        if self._config.with_crops:
            row["crop"] = {"bytes": _png(face), "path": None}
        return row

    def _abstention(self, face: "FoundFace", usual: "FaceReading", confidence: float) -> str | None:
        if face.box.width < len(face.crop):
            return SMALL
        if not usual.is_conclusive:
            return INCONCLUSIVE
        calibration = self._config.calibration
        if calibration and confidence < calibration.abstain_below:
            return UNSURE
        return None


class _Skip(Exception):
    """A photograph without rows; the message is the reason."""


@cache
def _labeller(config: AnnotationConfig) -> Labeller:
    return Labeller(config)


def _png(face: "FoundFace") -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(face.crop).save(file, "PNG")
    return file.getvalue()
