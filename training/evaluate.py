"""Evaluate a checkpoint on FER-2013 and FERPlus, and with labels it was never trained on.

    python -m training evaluate --model vision/weights --data data/fer2013.npz --out report.json

Prints one table and writes the same figures as JSON. Everything is chosen on PublicTest and
reported on PrivateTest; rows that also stand in the training split are reported with and without.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.distortions import DISTORTIONS
from training.export import load_run
from training.fer2013 import FaceSet, Split
from training.metrics import accuracy, calibration_error, macro_f1, unweighted_recall
from training.predict import embed_all
from training.synonyms import NAMES, SYNONYMS
from vision.classifier import TEXT_FOLDER
from vision.label_vectors import LabelSpace
from vision.model import EmotionCLIP
from vision.text_tower import TextTower


@dataclass(frozen=True, slots=True)
class Figures:
    """One row of the table; every figure is in [0, 1]."""

    group: str
    name: str
    rows: int
    accuracy: float
    uar: float
    macro_f1: float
    ece: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--data", type=Path, required=True, help="what prepare wrote")
    parser.add_argument(
        "--split",
        choices=("public", "private"),
        default="private",
        help="public is validation, private is the test (default)",
    )
    parser.add_argument("--out", type=Path, help="write the figures here as JSON")


def main(args: argparse.Namespace) -> None:
    faces = FaceSet.load(args.data)
    model = load_run(args.model)
    label_space = LabelSpace.load(
        args.model, lambda: TextTower.from_pretrained(args.model / TEXT_FOLDER)
    )
    figures = []
    print(HEADER)
    for row in evaluate(model, label_space, faces, Split[args.split.upper()]):
        figures.append(row)
        print(table_row(row), flush=True)
    if args.out:
        report = {
            "model": model.config.name,
            "split": args.split,
            "figures": [
                {field: getattr(row, field) for field in Figures.__slots__} for row in figures
            ],
        }
        args.out.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")


HEADER = (
    "| set | rows of it | n | accuracy | UAR | macro-F1 | ECE |\n|---|---|---:|---:|---:|---:|---:|"
)


def table_row(row: Figures) -> str:
    """One row as Markdown."""
    return (
        f"| {row.group} | {row.name} | {row.rows} | {row.accuracy:.3f} | {row.uar:.3f} "
        f"| {row.macro_f1:.3f} | {row.ece:.3f} |"
    )


def evaluate(
    model: EmotionCLIP, label_space: LabelSpace, faces: FaceSet, split: Split
) -> Iterator[Figures]:
    """Yield every figure of a split, baselines beside them."""
    test, training = faces.split(split), faces.split(Split.TRAINING)
    own = predict(model, label_space, test.images, "fer2013")
    everything = np.ones(len(test), np.bool_)
    subsets = {"all": everything, "without leaked": ~test.leaked}
    for name, mask in subsets.items():
        yield figures("FER-2013", name, own[mask], test.labels[mask])
    yield constant("FER-2013", np.bincount(training.labels), test.labels)

    truth = test.plurality
    voted = truth >= 0
    read = predict(model, label_space, test.images, "ferplus")
    for name, mask in subsets.items():
        yield figures("FERPlus", name, read[mask & voted], truth[mask & voted])
    agreed = voted & (test.votes.max(axis=1) > 5)
    yield figures("FERPlus", "most annotators agree", read[agreed], truth[agreed])
    yield constant("FERPlus", np.bincount(training.plurality + 1)[1:], truth[voted])

    named = {"English names": NAMES["en"], "Korean names": NAMES["ko"]} | {
        f"synonyms never trained on: {', '.join(words)}": words for words in SYNONYMS.values()
    }
    embedded = embed_all(model, test.images[voted], "ferplus")
    for name, labels in named.items():
        with torch.inference_mode():
            logits = model.logits(embedded, label_space(labels), "ferplus")
        yield figures("FERPlus zero-shot", name, logits.softmax(1).numpy(), truth[voted])

    for name, distort in DISTORTIONS.items():
        distorted = predict(model, label_space, distort(test.images[voted]), "ferplus")
        yield figures("FERPlus distorted", name, distorted, truth[voted])


@torch.inference_mode()
def predict(
    model: EmotionCLIP, label_space: LabelSpace, images: NDArray[np.uint8], annotator: str
) -> NDArray[np.float32]:
    """(N, h, w) grey → (N, L) probabilities over the annotator's labels, its prior included."""
    vectors = label_space(model.config.annotator_labels[annotator])
    logits = model.logits(embed_all(model, images, annotator), vectors, annotator)
    biases = model.config.label_biases.get(annotator)
    if biases:
        logits = logits + torch.tensor(biases)
    probabilities: NDArray[np.float32] = logits.softmax(dim=1).numpy()
    return probabilities


def figures(
    group: str, name: str, probabilities: NDArray[np.float32], truth: NDArray[np.int64]
) -> Figures:
    """Every figure of some rows."""
    return Figures(
        group,
        name,
        len(truth),
        accuracy(probabilities, truth),
        unweighted_recall(probabilities, truth),
        macro_f1(probabilities, truth),
        calibration_error(probabilities, truth),
    )


def constant(group: str, counts: NDArray[np.int64], truth: NDArray[np.int64]) -> Figures:
    """The baseline that knows no face: the training split's shares, whatever the picture."""
    shares = counts.astype(np.float32)
    rows = np.broadcast_to(shares / shares.sum(), (len(truth), len(shares)))
    return figures(group, "baseline: always the commonest", rows, truth)
