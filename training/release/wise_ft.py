"""Between the weights a run started from and those it ended with (WiSE-FT).

    seollem train wise-ft --run runs/refined --data data/fer2013.npz --out runs/wise

Fine-tuning gains on the emotions that are trained and forgets others; on the straight line between
start and end there are often weights that are better at both (Wortsman et al. 2022). Each point of
the line is measured on PublicTest: by the labels that were trained, and by words that never were.
The point with the greatest harmonic mean of both is written to --out, with curve.csv and curve.png.
Other words are asked for on FERPlus votes: where the data has none, trained labels choose alone.
"""

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import harmonic_mean

import click
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from seollem.cli.commands import PATH, Command
from seollem.training.data.faces import FaceSet, Split
from seollem.training.errors import CheckpointError, DataError, SettingsError
from seollem.training.finetune.objective import START_FILE
from seollem.training.finetune.validation import validate
from seollem.training.runs.folder import SETTINGS_FILE, replacing
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.vision.classifier import TEXT_FOLDER
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP
from seollem.vision.pixels import to_pixels
from seollem.vision.style import BLUE, GREEN, PAPER, RED, report, style_axes
from seollem.vision.text_tower import TextTower

STATISTICS_ROWS, STATISTICS_BATCH = 2048, 256
Point = dict[str, float]


@click.command(cls=Command, help=__doc__)
@click.option("--run", type=PATH, required=True, help="folder that finetune wrote")
@click.option("--data", type=PATH, required=True, help="what prepare wrote")
@click.option(
    "--points",
    "count",
    type=int,
    default=11,
    show_default=True,
    help="of the line, both ends included",
)
@click.option("--out", type=PATH, required=True, help="folder to write")
def main(run: Path, data: Path, count: int, out: Path) -> None:
    if count < 2:
        raise SettingsError(f"points is {count}; 2 is the least, the ends of the line.")
    faces = FaceSet.load(data)
    if not len(faces.validation):
        raise DataError(f"{data} holds no validation face to choose by.")
    model = load_checkpoint(run)
    start = load_start(run, model)
    space = LabelSpace.load(run, lambda: TextTower.from_pretrained(run / TEXT_FOLDER))
    points = []
    for point in line(model, start, space, faces, np.linspace(0.0, 1.0, count).tolist()):
        points.append(point)
        print(" ".join(f"{name} {value:.4f}" for name, value in point.items()), flush=True)
    best = max(points, key=lambda point: point["both"])
    interpolate(model, start, load_checkpoint(run).state_dict(), best["alpha"])
    measure_norms(model, faces)
    with replacing(out) as folder:
        model.save_pretrained(folder)
        space.save(folder)
        shutil.copyfile(run / SETTINGS_FILE, folder / SETTINGS_FILE)  # export reads it
        if (run / TEXT_FOLDER).is_dir():
            shutil.copytree(run / TEXT_FOLDER, folder / TEXT_FOLDER)
        (folder / "curve.csv").write_text(as_csv(points), "utf-8")
        draw_line(points, best, folder / "curve.png")
    print(f"α = {best['alpha']:.2f} → {out}")


def load_start(run: Path, model: EmotionCLIP) -> dict[str, Tensor]:
    """The weights that a run's image tower started from.

    Raises:
        CheckpointError: they are missing, damaged, or of another architecture.
    """
    try:
        start = load_file(run / START_FILE)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{run} holds no weights that it started from ({error}).") from error
    end = model.state_dict()
    if {n: t.shape for n, t in start.items()} != {n: t.shape for n, t in end.items()}:
        raise CheckpointError(f"{run / START_FILE} is of another architecture.")
    return start


def line(
    model: EmotionCLIP,
    start: dict[str, Tensor],
    space: LabelSpace,
    faces: FaceSet,
    alphas: list[float],
) -> Iterator[Point]:
    """The figures at each share of the way, which leaves ``model`` at the last one."""
    end = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    validation = faces.validation
    for alpha in alphas:
        interpolate(model, start, end, alpha)
        measure_norms(model, faces)
        figures = validate(model, space, validation)
        unseen = [value for name, value in figures.items() if name.startswith("synonyms")]
        point = {"alpha": alpha, "seen": figures["score"], "both": figures["score"]}
        if unseen:
            point["unseen"] = float(np.mean(unseen))
            point["both"] = harmonic_mean((point["seen"], point["unseen"]))
        yield point | figures


def interpolate(
    model: EmotionCLIP, start: dict[str, Tensor], end: dict[str, Tensor], alpha: float
) -> None:
    """Set the model's weights to (1 - α) · start + α · end."""
    model.load_state_dict(
        {
            name: start[name].lerp(tensor, alpha) if tensor.is_floating_point() else tensor
            for name, tensor in end.items()
        }
    )


@torch.no_grad()
def measure_norms(model: EmotionCLIP, faces: FaceSet) -> None:
    """Measure the batch norms' statistics anew: no mean of two networks' is right between them."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    if not norms:
        return
    images = torch.from_numpy(faces.split(Split.TRAINING).images[:STATISTICS_ROWS])
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    model.train()
    for batch in images.split(STATISTICS_BATCH):
        model.features(to_pixels(batch.unsqueeze(1).float(), model.config))
    nn.Module.eval(model)


def as_csv(points: list[Point]) -> str:
    """One row a point."""
    text = io.StringIO()
    writer = csv.DictWriter(text, points[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(points)
    return text.getvalue()


def draw_line(points: list[Point], best: Point, out: Path) -> None:
    """Figures by α and, where words were asked for that were never trained, seen against unseen."""
    compared = "unseen" in best
    figure, (alone, *others) = report(8 if compared else 4, 3.6, columns=1 + compared)
    alphas, seen = ([point[name] for point in points] for name in ("alpha", "seen"))
    alone.plot(alphas, seen, color=BLUE, label="trained labels")
    for way in others:
        unseen, both = ([point[name] for point in points] for name in ("unseen", "both"))
        alone.plot(alphas, unseen, color=GREEN, label="words never trained on")
        alone.plot(alphas, both, "--", color=PAPER.ink, label="harmonic")
        way.plot(unseen, seen, "o-", color=BLUE, markersize=3)
        for name, x, y in (("start", unseen[0], seen[0]), ("end", unseen[-1], seen[-1])):
            way.annotate(name, (x, y), (5, -9), textcoords="offset points")
        way.plot(best["unseen"], best["seen"], "*", color=RED, markersize=11, label="chosen")
        way.set(xlabel="words never trained on", ylabel="trained labels", title="Along the line")
    alone.axvline(best["alpha"], color=RED, linewidth=1, label="chosen")
    alone.set(xlabel="α: share of the way", title="PublicTest")
    for axes in (alone, *others):
        axes.legend(fontsize=7)
        style_axes(axes)
    figure.savefig(out)
