"""Predictions of the ONNX graphs compared with PyTorch's, on the same faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seollem.training.data.faces import FaceSet
from seollem.training.errors import DataError
from seollem.vision.classifier import EmotionClassifier
from seollem.vision.model import EmotionCLIPConfig
from seollem.vision.onnx_model import FILE_NAME as ONNX_FILE


@dataclass(frozen=True, slots=True)
class Comparison:
    """A form of the model on ``faces`` faces.

    ``difference`` is the greatest between one of its probabilities and PyTorch's; ``agreement`` the
    share of faces with the same most probable emotion; ``accuracy`` is on those of the faces that
    have a label, None where none has.
    """

    form: str
    megabytes: float
    faces: int
    difference: float
    agreement: float
    accuracy: float | None


def compare(source: Path, out: Path, faces: FaceSet) -> tuple[Comparison, ...]:
    """The checkpoint as it is, and what was made of it in OUT/fp32 and OUT/int8.

    Raises:
        DataError: there are no faces to compare on.
        BrokenWeights: one of the three cannot be read.
    """
    if not len(faces):
        raise DataError("The data has no validation faces (PublicTest) to compare on.")
    truth = faces.truth(EmotionCLIPConfig.from_pretrained(source).annotator)
    crops = as_crops(faces.images)
    files = {
        "PyTorch": source / "model.safetensors",
        "ONNX fp32": out / "fp32" / ONNX_FILE,
        "ONNX int8": out / "int8" / ONNX_FILE,
    }
    read = {form: _probabilities(file.parent, crops) for form, file in files.items()}
    reference = read["PyTorch"]
    return tuple(
        Comparison(
            form=form,
            megabytes=file.stat().st_size / 1e6,
            faces=len(faces),
            difference=float(np.abs(read[form] - reference).max()),
            agreement=float((read[form].argmax(axis=1) == reference.argmax(axis=1)).mean()),
            accuracy=_accuracy(read[form], truth),
        )
        for form, file in files.items()
    )


def table(report: Sequence[Comparison]) -> str:
    """The comparison in Markdown."""
    lines = [
        "| form | MB | faces | greatest difference | agreement | accuracy |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in report:
        accuracy = "" if row.accuracy is None else f"{row.accuracy:.4f}"
        lines.append(
            f"| {row.form} | {row.megabytes:.1f} | {row.faces} | {row.difference:.6f} "
            f"| {row.agreement:.4f} | {accuracy} |"
        )
    return "\n".join(lines)


def as_crops(images: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Grey faces (N, h, w) → RGB HWC."""
    return list(np.repeat(images[..., None], 3, axis=3))


def _probabilities(folder: Path, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """(N, L), as vision/ reads crops with the checkpoint in a folder."""
    readings = EmotionClassifier.from_pretrained(folder).read(crops)
    return np.array([reading.probabilities for reading in readings])


def _accuracy(read: NDArray[np.float64], truth: NDArray[np.int64]) -> float | None:
    right = (read.argmax(axis=1) == truth)[truth >= 0]
    return float(right.mean()) if len(right) else None
