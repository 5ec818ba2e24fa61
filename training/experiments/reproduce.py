"""The small-data experiment: 256 images, 100 epochs, as the original study trained.

    seollem train reproduce --data data/fer2013.npz \\
        --backbone openai/clip-vit-base-patch32 --encoder vision/weights/text --out runs/reproduce

The study saw its loss fall from 2.7 to 1.2 and its accuracy on the training set rise from 0.16 to
0.40. Here loss is the cross entropy and accuracy the share of right answers, both over FER-2013's
own seven labels, on the training images and on as many held-out ones of the public split; at the
end the whole private split is read. Which images the study drew, and how it counted its loss, is
not known. Prints both beside each other and draws reproduce.png.
"""

import dataclasses
import json
from pathlib import Path

import click
import torch
from torch.nn.functional import cross_entropy

from seollem.cli.commands import PATH, Command
from seollem.scoring.emotions import FER2013
from seollem.training.data.faces import FaceSet, Split
from seollem.training.errors import DataError
from seollem.training.experiments.small_data_chart import draw_small_data
from seollem.training.files.disk import replacing_file
from seollem.training.finetune.config import PRESETS
from seollem.training.finetune.run import FaceRun, open_run
from seollem.training.runs.threads import threads_option
from seollem.training.towers.predict import embed_features, tower_features

SMALL = dataclasses.replace(PRESETS["embedded"], rows=256, epochs=100, batch_size=32)
STUDY = {"loss": (2.7, 1.2), "accuracy": (0.16, 0.40)}  # before training, and after it
CURVES_FILE = "reproduce.jsonl"
SHOWN = 10  # lines of the table

Curves = list[dict[str, float]]  # a record for each epoch, 0 before any training


@click.command(cls=Command, help=__doc__)
@click.option("--data", type=PATH, required=True, help="what prepare wrote")
@click.option("--backbone", required=True, help="image tower: a folder, or a hub name")
@click.option("--encoder", required=True, help="text tower: a folder, or a hub name")
@click.option("--images", type=int, default=SMALL.rows, show_default=True, help="to train on")
@click.option("--epochs", type=int, default=SMALL.epochs, show_default=True, help="")
@threads_option
@click.option("--out", type=PATH, required=True, help="folder of the run")
def main(data: Path, backbone: str, encoder: str, images: int, epochs: int, out: Path) -> None:
    config = SMALL.changed({"rows": images, "epochs": epochs})
    faces = FaceSet.load(data)
    faces = faces.where(faces.truth("fer2013") >= 0)
    test = faces.split(Split.PRIVATE)
    if not len(test):
        raise DataError(f"{data} holds no FER-2013 row to test on.")
    run = open_run(config, faces=faces, backbone=backbone, encoder=encoder, out=out)
    curves = train(run)
    private = measured(run, test)["accuracy"]
    print(table(curves))
    print(f"\nOn all {len(test)} held-out faces of the private split: accuracy {private:.3f}.")
    draw_small_data(curves, STUDY, out / "reproduce.png")


def train(run: FaceRun) -> Curves:
    """Train to the end; returns every epoch's figures, of earlier sittings too."""
    path = run.out / CURVES_FILE
    reached = len(run.history)
    earlier = path.read_text("utf-8").splitlines() if reached and path.is_file() else []
    curves = [line for line in map(json.loads, earlier) if line["epoch"] < reached]
    curves.append(record(run, reached))
    for figures in run.saves():
        curves.append(record(run, int(figures["epoch"])))
        write_curves(curves, path)
    write_curves(curves, path)  # of a run that had been stopped after its last epoch
    return curves


def write_curves(curves: Curves, path: Path) -> None:
    """A line of JSON for each epoch."""
    with replacing_file(path) as partial:
        partial.write_text("".join(json.dumps(line) + "\n" for line in curves), "utf-8")


def record(run: FaceRun, epoch: int) -> dict[str, float]:
    """The epoch's figures on training and held-out images, by the weights as they are."""
    training, held_out = run.objective.examples.faces, run.objective.validation
    return {
        "epoch": epoch,
        **{f"training {name}": value for name, value in measured(run, training).items()},
        **{f"held-out {name}": value for name, value in measured(run, held_out).items()},
    }


@torch.inference_mode()
def measured(run: FaceRun, faces: FaceSet) -> dict[str, float]:
    """Cross entropy in nats, and accuracy in [0, 1], over FER-2013's labels."""
    features = tower_features(run.objective.model, faces.images)
    embedded = embed_features(run.objective.model, features, "fer2013")
    logits = run.objective.model.logits(embedded, run.objective.label_space(FER2013), "fer2013")
    truth = torch.from_numpy(faces.labels)
    return {
        "loss": round(float(cross_entropy(logits, truth)), 4),
        "accuracy": round(float((logits.argmax(dim=1) == truth).float().mean()), 4),
    }


def table(curves: Curves) -> str:
    """Some epochs as Markdown, the study's figures beside the first and the last."""
    columns = ("training loss", "training accuracy", "held-out loss", "held-out accuracy")
    lines = [
        f"| epoch | {' | '.join(columns)} | study, loss | study, accuracy |",
        "|---:|" + "---:|" * (len(columns) + 2),
    ]
    step = max(1, (len(curves) - 1) // SHOWN)
    shown = [*curves[:-1:step], curves[-1]]
    for line in shown:
        loss = accuracy = ""
        if line is shown[0] or line is shown[-1]:
            at = 0 if line is shown[0] else 1
            loss, accuracy = f"{STUDY['loss'][at]:.1f}", f"{STUDY['accuracy'][at]:.2f}"
        cells = " | ".join(f"{line[column]:.3f}" for column in columns)
        lines.append(f"| {line['epoch']:.0f} | {cells} | {loss} | {accuracy} |")
    return "\n".join(lines)
