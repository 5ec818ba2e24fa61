"""Train without an emotion, then ask for it: leave-emotions-out.

    seollem train leave-out --data data/fer2013.npz \\
        --backbone openai/clip-vit-base-patch32 --encoder vision/weights/text \\
        --emotions contempt fear disgust surprise --epochs 4 --out runs/leave-out

For each emotion a whole fine-tuning, from a backbone that was never trained on emotions: without
any face that somebody took for it, and without its words among the labels. The test then offers all
eight labels. Seen accuracy is over faces of the seven others, unseen recall over faces of the
emotion that was left out; their harmonic mean is what counts. A model that was never told of a
label rarely gives it, so a second row takes a constant off the seen labels' logits (calibrated
stacking: Chao et al. 2016), chosen on the public split of the *other* left-out emotions.

Runs go on where they were stopped when the same command is given again.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import numpy as np
import torch

from seollem.cli.commands import PATH, Command, Several
from seollem.scoring.emotions import FACE_EMOTIONS
from seollem.training.data.faces import FaceSet, Split
from seollem.training.errors import DataError
from seollem.training.experiments.unseen import Attempt, best_penalty, open_run_without
from seollem.training.finetune.config import PRESETS
from seollem.training.measure.figures import (
    Figure,
    Measurement,
    Row,
    measure,
    print_tables,
    write_json,
)
from seollem.training.measure.plain_clip import plain_clip
from seollem.training.runs.threads import threads_option
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.training.towers.predict import embed_all
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP

EMOTIONS = ("contempt", "fear", "disgust", "surprise")


@click.command(cls=Command, help=__doc__)
@click.option("--data", type=PATH, required=True, help="what prepare wrote")
@click.option("--backbone", required=True, help="image tower: a folder, or a hub name")
@click.option("--encoder", required=True, help="text tower: a folder, or a hub name")
@click.option(
    "--emotions",
    cls=Several,
    type=click.Choice([*FACE_EMOTIONS]),
    default=EMOTIONS,
    metavar="EMOTION",
    help=f"left out in turn ({' '.join(EMOTIONS)})",
)
@click.option(
    "--preset",
    type=click.Choice([*PRESETS]),
    default="embedded",
    show_default=True,
    help="settings",
)
@click.option("--epochs", type=int, default=4, show_default=True, help="of each training")
@threads_option
@click.option("--clip", help="plain CLIP to set beside it: a folder, or a hub name")
@click.option("--out", type=PATH, required=True, help="folder of the runs")
def main(
    data: Path,
    backbone: str,
    encoder: str,
    emotions: tuple[str, ...],
    preset: str,
    epochs: int,
    clip: str | None,
    out: Path,
) -> None:
    faces = FaceSet.load(data)
    faces = faces.where((faces.splits == Split.TRAINING) | (faces.plurality >= 0))
    chosen, test = faces.validation, faces.split(Split.PRIVATE)
    check(emotions, chosen, test)
    config = dataclasses.replace(PRESETS[preset], epochs=epochs)
    validations, attempts = {}, {}
    for emotion in dict.fromkeys(emotions):
        print(f"without {emotion}:")
        folder = out / emotion
        run = open_run_without(
            emotion, config, faces=faces, backbone=backbone, encoder=encoder, out=folder
        )
        run.train()
        model = load_checkpoint(folder)
        validations[emotion] = attempt(emotion, model, run.objective.label_space, chosen)
        attempts[emotion] = attempt(emotion, model, run.objective.label_space, test)
    rows = list(print_tables(table(validations, attempts, by_clip(clip, emotions, test))))
    write_json(out / "leave_out.json", rows, epochs=epochs)


def check(emotions: Sequence[str], *splits: FaceSet) -> None:
    """Raises DataError where a split has no face of an emotion, so that nothing can be measured."""
    for emotion in emotions:
        if any((faces.plurality == FACE_EMOTIONS.index(emotion)).sum() == 0 for faces in splits):
            raise DataError(f"No face to test on was voted to show {emotion}. Leave out another.")


@torch.inference_mode()
def attempt(emotion: str, model: EmotionCLIP, labels: LabelSpace, faces: FaceSet) -> Attempt:
    """What a model reads of voted faces, no emotion expected before another."""
    embedded = embed_all(model, faces.images, "ferplus")
    logits = model.logits(embedded, labels(FACE_EMOTIONS), "ferplus")
    return Attempt(emotion, logits.numpy(), faces.plurality)


def by_clip(checkpoint: str | None, emotions: Sequence[str], faces: FaceSet) -> dict[str, Attempt]:
    """Emotion → what plain CLIP makes of it, to which every emotion is new; none without one."""
    if checkpoint is None:
        return {}
    logits = np.log(plain_clip(checkpoint, faces.images).runs[0](FACE_EMOTIONS).clip(min=1e-30))
    return {emotion: Attempt(emotion, logits, faces.plurality) for emotion in emotions}


def table(
    validations: Mapping[str, Attempt],
    attempts: Mapping[str, Attempt],
    clip: Mapping[str, Attempt],
) -> Iterator[Row]:
    """Every emotion's rows, then their means."""
    by_name: dict[str, list[Row]] = {}
    for emotion, own in attempts.items():
        others = [other for name, other in validations.items() if name != emotion]
        evaluators = {"as trained": own.evaluator()}
        if others:
            evaluators["seen labels held back"] = own.evaluator(best_penalty(others))
        if clip:
            evaluators["plain CLIP"] = clip[emotion].evaluator()
        for name, evaluator in evaluators.items():
            row = measure(Measurement(f"without {emotion}", name, len(own.truth), evaluator))
            by_name.setdefault(name, []).append(row)
            yield row
    for name, rows in by_name.items():
        means = {
            metric: Figure.exact(sum(row.figures[metric].value for row in rows) / len(rows))
            for metric in rows[0].figures
        }
        yield Row("mean", name, rows[0].n, means)
    by_lot = Figure.exact(1 / len(FACE_EMOTIONS))
    yield Row("mean", "by lot", rows[0].n, dict.fromkeys(rows[0].figures, by_lot))
