"""Evaluate what a checkpoint makes of emotions and words that it was never trained on.

    seollem train zeroshot --model vision/weights --data data/fer2013.npz \\
        --clip openai/clip-vit-base-patch32               # beside plain CLIP
    seollem train zeroshot --model vision/weights --data data/fer2013.npz --split public \\
        --encoder vision/weights/text runs/encoder        # which text tower names emotions better?

Tests: synonyms of the trained labels; compound expressions; and 36 emotions of KOTE against a
silver standard (see training/measure/kote36.py). What a whole training without an emotion makes of
it is measured by ``leave-out``. In brackets stands a 95% bootstrap interval. With --encoder, heads
are trained anew for each text tower on what the checkpoint's image tower sees,
three times: then the brackets hold the least and the greatest figure of the three.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from torch import Tensor

from seollem.cli.commands import PATH, Command, Several
from seollem.training.data.faces import FaceSet, Split
from seollem.training.errors import CheckpointError, DataError
from seollem.training.experiments.label_spaces import Seen, retrain
from seollem.training.finetune.config import PRESETS
from seollem.training.measure.classifiers import ZeroShotClassifier, predict_with
from seollem.training.measure.figures import print_tables, write_json
from seollem.training.measure.plain_clip import plain_clip
from seollem.training.measure.zeroshot_rows import zero_shot
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.training.towers.predict import tower_features
from seollem.vision.classifier import TEXT_FOLDER
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP
from seollem.vision.text_tower import TextTower

RUNS = 3  # trainings of the heads for each text tower
HEAD_PRESET = PRESETS["embedded"]


@click.command(cls=Command, help=__doc__)
@click.option("--model", "folder", type=PATH, required=True, help="folder of the checkpoint")
@click.option("--data", type=PATH, required=True, help="what prepare wrote")
@click.option(
    "--split",
    type=click.Choice(("public", "private")),
    default="private",
    show_default=True,
    help="public is validation, less its leaked rows; private is the test",
)
@click.option(
    "--encoder", "encoders", cls=Several, help="text towers to compare: folders or hub names"
)
@click.option("--clip", help="plain CLIP to set beside it: a folder, or a hub name")
@click.option("--out", type=PATH, help="write the figures here as JSON")
def main(
    folder: Path,
    data: Path,
    split: str,
    encoders: tuple[str, ...],
    clip: str | None,
    out: Path | None,
) -> None:
    faces = FaceSet.load(data)
    faces = faces.where(faces.is_face | (faces.splits != Split.TRAINING))
    training = faces.split(Split.TRAINING)
    test = faces.validation if split == "public" else faces.split(Split.PRIVATE)
    if not test.votes.any():
        raise DataError(
            f"{data} holds no face of the {split} split that FERPlus's annotators voted "
            "on. Choose the other --split, or prepare FER-2013 with them."
        )
    model = load_checkpoint(folder)
    text = folder / TEXT_FOLDER
    if not encoders and not text.is_dir():
        raise CheckpointError(
            f"{folder} has no text tower to name emotions with: export the run first, or name "
            "towers with --encoder."
        )
    features = tower_features(model, test.images)
    classifiers = []
    if text.is_dir():
        label_space = LabelSpace.load(folder, lambda: TextTower.from_pretrained(text))
        classifiers.append(
            ZeroShotClassifier(model.config.name, (predict_with(model, label_space, features),))
        )
    if encoders:
        seen = Seen(training, tower_features(model, training.images))
        classifiers.extend(retrained(model, encoders, seen, features))
    if clip:
        classifiers.append(plain_clip(clip, test.images))
    rows = list(print_tables(zero_shot(classifiers, training, test)))
    if out:
        write_json(out, rows, model=model.config.name, split=split)


def retrained(
    model: EmotionCLIP, encoders: Sequence[str], seen: Seen, features: Tensor
) -> Iterator[ZeroShotClassifier]:
    """A classifier for each text tower, with new heads on the features of the image tower."""
    for encoder in encoders:
        tower = TextTower.from_pretrained(encoder)
        models, label_space = retrain(model, tower, seen, HEAD_PRESET, RUNS)
        yield ZeroShotClassifier(
            encoder, tuple(predict_with(own, label_space, features) for own in models)
        )
