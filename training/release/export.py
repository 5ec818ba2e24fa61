"""A finished run → the checkpoint that ships.

    seollem train export --run runs/embedded --data data/fer2013.npz \\
        --encoder vision/weights/text --out checkpoints/embedded

RUN may also be a checkpoint that was exported before, to go with another text tower whose vectors
lie where those of its own do. Its prior and temperature stay, so that faces are read as before.

Image tower and heads in half precision, the text tower as int8 (see vision/int8.py), the vectors
of the known vocabularies beside them, everything hashed.
"""

import json
import math
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import torch
from torch import nn

from seollem.cli.commands import PATH, Command
from seollem.scoring.emotions import AFFECTION_ANCHORS, FACE_EMOTIONS, KOTE, display_name
from seollem.training.data.faces import FaceSet, Split
from seollem.training.errors import DataError
from seollem.training.measure.synonyms import NAMES
from seollem.training.release.calibrate import Calibration, calibrate, priors
from seollem.training.release.reading import set_reading
from seollem.training.release.silver_calibration import calibrate_vocabulary, silver_faces
from seollem.training.release.vocabulary_calibration import FILE_NAME as CALIBRATION_FILE
from seollem.training.release.vocabulary_calibration import KEY as NEW_EMOTIONS_KEY
from seollem.training.runs.folder import SETTINGS_FILE, replacing
from seollem.training.towers.checkpoints import load_checkpoint, save_text_tower, stored_entry
from seollem.training.towers.predict import embed_all
from seollem.training.towers.vocabulary import build_label_space, load_text_tower
from seollem.vision.checkpoints import write_checksums
from seollem.vision.classifier import TEXT_FOLDER
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP
from seollem.vision.text_tower import INT8_FILE, TextTower

SHIPPED_VOCABULARY = tuple(
    dict.fromkeys(
        (
            *FACE_EMOTIONS,
            *NAMES["ko"],
            *KOTE,
            *(display_name(label, "en") for label in KOTE),
            *AFFECTION_ANCHORS,
        )
    )
)


@click.command(cls=Command, help=__doc__)
@click.option("--run", type=PATH, required=True, help="what finetune or this wrote")
@click.option("--data", type=PATH, required=True, help="what prepare wrote")
@click.option("--encoder", required=True, help="the text tower the run was trained with")
@click.option("--out", type=PATH, required=True, help="folder to write")
@click.option(
    "--name", default="seollem-face-1", show_default=True, help="what readings call the model"
)
def main(run: Path, data: Path, encoder: str, out: Path, name: str) -> None:
    faces = FaceSet.load(data)
    model = load_checkpoint(run)
    model.config.name = name
    prefix = stored_entry(run / SETTINGS_FILE, "sentence_prefix")
    tower = load_text_tower(encoder, prefix or "")
    label_space = build_label_space(tower.half().float())
    calibration = stored_entry(run / CALIBRATION_FILE, "calibration")
    calibration = calibration or calibrate_model(model, label_space, faces)
    set_reading(model.config, faces)
    report: dict[str, Any] = {"calibration": calibration}
    validation, test = (
        silver_faces(model, label_space, faces, split) for split in (Split.PUBLIC, Split.PRIVATE)
    )
    if validation and test:
        report[NEW_EMOTIONS_KEY] = asdict(calibrate_vocabulary(validation, test))
    nn.Module.half(model)
    with replacing(out) as folder:
        model.save_pretrained(folder)
        save_text_tower(tower, folder / TEXT_FOLDER)
        if (stored := Path(encoder) / INT8_FILE).is_file():  # rounded once, and not twice
            shutil.copyfile(stored, folder / TEXT_FOLDER / INT8_FILE)
        label_space(SHIPPED_VOCABULARY)
        label_space.save(folder)
        report["label_cosine"] = compare_label_vectors(label_space, folder)
        text = json.dumps(report, indent=2)
        (folder / CALIBRATION_FILE).write_text(text + "\n", "utf-8")
    write_checksums(out)  # of what else lies there, too
    print(text)


def calibrate_model(
    model: EmotionCLIP, label_space: LabelSpace, faces: FaceSet
) -> dict[str, dict[str, Any]]:
    """Fold prior and temperature into the model, one annotator after the other; returns both.

    Raises:
        DataError: an annotator that the model knows labelled none of the validation faces.
    """
    training = faces.split(Split.TRAINING)
    training = training.where(training.is_face)
    validation = faces.validation
    chosen: dict[str, dict[str, Any]] = {}
    for annotator, labels in model.config.annotator_labels.items():
        truth = validation.truth(annotator)
        rows = validation.where(truth >= 0)
        if not len(rows):
            raise DataError(f"The data has no validation face that {annotator} labelled.")
        embedded = embed_all(model, rows.images, annotator)
        with torch.inference_mode():
            logits = model.logits(embedded, label_space(labels), annotator)
        found: Calibration = calibrate(logits, truth[truth >= 0], *priors(training, annotator))
        with torch.no_grad():
            model.log_scales[annotator].sub_(math.log(found.temperature))
        model.config.label_biases[annotator] = list(found.biases)
        chosen[annotator] = asdict(found)
    return chosen


def compare_label_vectors(label_space: LabelSpace, folder: Path) -> float:
    """Least cosine between a known label's vector and what the int8 tower makes of it.

    Raises:
        BrokenWeights: the text tower just written cannot be read.
    """
    small = LabelSpace(
        label_space.template_means, {}, lambda: TextTower.from_pretrained(folder / TEXT_FOLDER)
    )
    cosines = (label_space(SHIPPED_VOCABULARY) * small(SHIPPED_VOCABULARY)).sum(dim=1)
    return float(cosines.min())
