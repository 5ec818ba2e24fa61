"""Evaluate a checkpoint on FER-2013, FERPlus and AffectNet, or on any folder of photographs.

    seollem train evaluate --model vision/weights --data data/fer2013.npz --out report

Prints one table, and writes the same figures as JSON, a confusion matrix and a reliability diagram
for each set into the folder --out. In brackets stands a 95% bootstrap interval. Everything was
chosen on the public split and is reported on the private one; rows that also stand in an earlier
split are reported with and without. What the checkpoint makes of other words: ``zeroshot``.

    seollem train evaluate --model vision/weights --folder photographs --people people.csv

A folder holds pictures in folders that are named for emotions (anger, happy …), perhaps several
sets of them. They are found, cropped and read as selfies are; a picture in which no face is found
counts as wrong. people.csv has a column ``file`` and some of ``gender``, ``ethnicity``, ``age``;
figures are then given by group, too. With --crops the pictures are faces already.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seollem.cli.commands import PATH, Command
from seollem.training.data.faces import ANNOTATORS, FaceSet, Split
from seollem.training.errors import DataError
from seollem.training.measure.distortions import DISTORTIONS
from seollem.training.measure.elsewhere import read_people, read_pictures, tables
from seollem.training.measure.evaluators import SETS, Predictions, classification, mean_of
from seollem.training.measure.figures import Measurement, measure, print_tables, write_json
from seollem.training.measure.result_charts import draw_confusion, draw_reliability
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.training.towers.predict import embed_all, tower_features
from seollem.vision.classifier import TEXT_FOLDER, reading_logits
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP
from seollem.vision.text_tower import TextTower


@click.command(cls=Command, help=__doc__)
@click.option("--model", "folder", type=PATH, required=True, help="folder of the checkpoint")
@click.option("--data", type=PATH, help="what prepare wrote")
@click.option("--folder", "pictures", type=PATH, help="pictures in folders named for emotions")
@click.option("--people", type=PATH, help="table of the people in --folder")
@click.option("--crops", is_flag=True, help="the pictures in --folder are faces already")
@click.option(
    "--split",
    type=click.Choice(("public", "private")),
    default="private",
    show_default=True,
    help="public is validation, private is the test",
)
@click.option("--out", type=PATH, help="write figures and charts into this folder")
def main(
    folder: Path,
    data: Path | None,
    pictures: Path | None,
    people: Path | None,
    crops: bool,
    split: str,
    out: Path | None,
) -> None:
    if data is not None and pictures is None:
        evaluate_data(folder, data, split, out)
    elif pictures is not None and data is None:
        from seollem.vision.analyzer import SelfieAnalyzer  # what only training lacks

        analyzer = SelfieAnalyzer.from_pretrained(folder)
        read = read_pictures(analyzer, pictures, are_crops=crops)
        rows = list(print_tables(map(measure, tables(read, read_people(people) if people else {}))))
        if out:
            write_json(out / "evaluate.json", rows, model=analyzer.model_id)
    else:
        raise click.UsageError("Give either --data or --folder.")


def evaluate_data(folder: Path, data: Path, split: str, out: Path | None) -> None:
    """Print the table of FER-2013, FERPlus and AffectNet; write it and its charts into ``out``.

    Raises:
        DataError: the data has no labelled face of the split.
    """
    faces = FaceSet.load(data)
    training, test = faces.split(Split.TRAINING), faces.split(Split[split.upper()])
    if not test.annotators:
        raise DataError(
            f"{data} holds no labelled face of the {split} split. Choose the other "
            "--split, or prepare data that has some."
        )
    model = load_checkpoint(folder)
    label_space = LabelSpace.load(folder, lambda: TextTower.from_pretrained(folder / TEXT_FOLDER))
    predictions = [
        predictions_of(model, label_space, test, annotator) for annotator in test.annotators
    ]
    measurements = [*table(predictions, training, test), *distorted(model, label_space, test)]
    measurements.extend(recall for own in predictions for recall in recalls(own))
    rows = list(print_tables(map(measure, measurements)))
    if out:
        write_json(out / "evaluate.json", rows, model=model.config.name, split=split)
        for own in predictions:
            draw_confusion(own, out / f"confusion_{own.annotator}.png")
            draw_reliability(own, out / f"reliability_{own.annotator}.png")


def predictions_of(
    model: EmotionCLIP, label_space: LabelSpace, faces: FaceSet, annotator: str
) -> Predictions:
    """What a model reads of the faces that an annotator labelled, in the annotator's words.

    Where no head was trained on the annotator's labels, the one for selfies reads.
    """
    labels, truth = ANNOTATORS[annotator], faces.truth(annotator)
    known = truth >= 0
    probabilities = predict(model, label_space, faces.images[known], annotator, labels)
    return Predictions(annotator, labels, probabilities, truth[known])


@torch.inference_mode()
def predict(
    model: EmotionCLIP,
    label_space: LabelSpace,
    images: NDArray[np.uint8],
    annotator: str,
    labels: tuple[str, ...],
) -> NDArray[np.float32]:
    """(N, h, w) grey → (N, L) probabilities over labels, offsets included.

    For the annotator whose labels selfies are read with, and for one without a head of its own,
    this is what a selfie's reading says.
    """
    config = model.config
    if annotator == config.annotator or annotator not in config.annotators:
        logits = reading_logits(model, tower_features(model, images), label_space(labels))
        return _softmax(logits, config.labels, config.reading_biases, labels)
    logits = model.logits(embed_all(model, images, annotator), label_space(labels), annotator)
    own = config.annotator_labels[annotator]
    return _softmax(logits, own, config.label_biases.get(annotator) or (), labels)


def _softmax(
    logits: Tensor, known: Sequence[str], biases: Sequence[float], labels: tuple[str, ...]
) -> NDArray[np.float32]:
    """Logits (N, L) of labels → probabilities; ``biases`` are those of the known labels."""
    offsets = dict(zip(known, biases, strict=False))  # none at all where nothing was calibrated
    moved = logits + torch.tensor([offsets.get(label, 0.0) for label in labels])
    probabilities: NDArray[np.float32] = moved.softmax(dim=1).numpy()
    return probabilities


def table(
    predictions: list[Predictions], training: FaceSet, test: FaceSet
) -> Iterator[Measurement]:
    """Every set, its subsets that have a face, and the baseline that knows no face."""
    for own in predictions:
        known = test.truth(own.annotator) >= 0
        subsets = {"all": np.ones(len(own.truth), np.bool_), "without leaked": ~test.leaked[known]}
        if own.annotator == "ferplus":
            subsets["a majority, as in publications"] = test.majority[known] >= 0
        for name, rows in subsets.items():
            if rows.any():
                evaluator = classification(own.probabilities[rows], own.truth[rows])
                yield Measurement(SETS[own.annotator], name, int(rows.sum()), evaluator)
        usual = training.truth(own.annotator)
        yield constant(own, np.bincount(usual[usual >= 0], minlength=len(own.labels)))


def constant(own: Predictions, counts: NDArray[np.int64]) -> Measurement:
    """The training split's shares, whatever the picture."""
    shares = (counts / max(1, counts.sum())).astype(np.float32)
    rows = np.broadcast_to(shares, own.probabilities.shape)
    evaluator = classification(rows, own.truth)
    return Measurement(SETS[own.annotator], "baseline: always the commonest", len(rows), evaluator)


def distorted(model: EmotionCLIP, label_space: LabelSpace, test: FaceSet) -> Iterator[Measurement]:
    """The faces that FERPlus annotators voted on, as other cameras and crops would show them."""
    truth = test.plurality
    voted = truth >= 0
    for name, distort in DISTORTIONS.items() if voted.any() else ():
        images = distort(test.images[voted])
        read_so = predict(model, label_space, images, "ferplus", ANNOTATORS["ferplus"])
        evaluator = classification(read_so, truth[voted])
        yield Measurement("FERPlus distorted", name, int(voted.sum()), evaluator)


def recalls(own: Predictions) -> Iterator[Measurement]:
    """Each label's recall, with as many faces as it has."""
    hits = (own.probabilities.argmax(axis=1) == own.truth).astype(np.float64)
    for number, label in enumerate(own.labels):
        found = hits[own.truth == number]
        if len(found):
            yield Measurement(
                f"{SETS[own.annotator]} recall", label, len(found), mean_of({"recall": found})
            )
