"""A checkpoint as ONNX, in float32 and int8, and how far they read as PyTorch does.

    seollem train onnx --model vision/weights --data data/fer2013.npz --out runs/onnx
    seollem vision selfie.jpg --model runs/onnx/int8

OUT/fp32 and OUT/int8 are checkpoints with everything beside the image side as it was; vision/ reads
them with ONNX Runtime (pip install 'seollem[onnx]'). 512 training faces give int8 its scales; the
figures in OUT/report.json are of the validation faces.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np

from seollem.cli.commands import PATH, Command
from seollem.training.data.faces import FaceSet, Split
from seollem.training.errors import ExportError
from seollem.training.finetune.sampler import BalancedBatches
from seollem.training.release.onnx_check import Comparison, as_crops, compare, table
from seollem.training.release.onnx_graph import require_onnx, write_graph, write_int8
from seollem.training.release.vocabulary_calibration import FILE_NAME as CALIBRATION_FILE
from seollem.training.runs.folder import replacing
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.vision.checkpoints import local_folder, write_checksums
from seollem.vision.classifier import TEXT_FOLDER
from seollem.vision.label_vectors import FILE_NAME as LABELS_FILE
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.onnx_model import FILE_NAME as ONNX_FILE
from seollem.vision.text_tower import TextTower

CALIBRATION_FACES = 512
MOST_DIFFERENCE = 1e-3  # of a probability, between PyTorch and ONNX in float32
BESIDE = (LABELS_FILE, CALIBRATION_FILE, "NOTICE", "LICENSE*", "APACHE-2.0.txt")


@click.command(cls=Command, help=__doc__)
@click.option("--model", required=True, help="folder or hub name of the checkpoint")
@click.option("--data", type=PATH, required=True, help="what prepare wrote")
@click.option("--out", type=PATH, required=True, help="folder to write")
def main(model: str, data: Path, out: Path) -> None:
    require_onnx()
    faces = FaceSet.load(data)
    source = local_folder(model)
    with replacing(out) as partial:
        write_both(source, faces.split(Split.TRAINING), partial)
        report = compare(source, partial, faces.split(Split.PUBLIC))
        print(table(report))
        check(report)
        text = json.dumps([asdict(row) for row in report], indent=2)
        (partial / "report.json").write_text(text + "\n", "utf-8")
        for precision in ("fp32", "int8"):
            (partial / precision / "README.md").write_text(card(report, precision), "utf-8")
    print(f"→ {out / 'fp32'}, {out / 'int8'}")


def write_both(source: Path, training: FaceSet, out: Path) -> None:
    """Write OUT/fp32 and OUT/int8 of a checkpoint.

    Raises:
        CheckpointError: there is none.
        DataError: there are no faces to take scales from.
        ExportError: the image tower has no form in ONNX.
    """
    crops = as_crops(some_of_each(training).images)
    model = load_checkpoint(source)
    label_space = LabelSpace.load(source, lambda: TextTower.from_pretrained(source / TEXT_FOLDER))
    vectors, name = label_space(model.config.labels), model.config.name
    for precision in ("fp32", "int8"):
        folder = out / precision
        model.config.name = name if precision == "fp32" else f"{name}-int8"
        model.config.save_pretrained(folder)
        for path in (path for pattern in BESIDE for path in source.glob(pattern)):
            shutil.copy(path, folder)
        if (source / TEXT_FOLDER).is_dir():
            shutil.copytree(source / TEXT_FOLDER, folder / TEXT_FOLDER)
    graph = out / "fp32" / ONNX_FILE
    write_graph(model, vectors, graph)
    write_int8(graph, model, crops, vectors, out / "int8" / ONNX_FILE)
    for precision in ("fp32", "int8"):
        write_checksums(out / precision)


def some_of_each(faces: FaceSet) -> FaceSet:
    """Faces of which every class has as many.

    Raises:
        DataError: there are none.
    """
    batches = BalancedBatches(faces.classes, batch_size=CALIBRATION_FACES, seed=0)
    chosen = np.zeros(len(faces), bool)
    chosen[batches.batch(0)] = True
    return faces.where(chosen)


def check(report: tuple[Comparison, ...]) -> None:
    """Refuse a translation that reads otherwise than its original.

    Raises:
        ExportError: in float32, a probability is off by more than rounding.
    """
    for row in report:
        if row.form == "ONNX fp32" and not row.difference <= MOST_DIFFERENCE:
            raise ExportError(
                f"In {row.form} a probability is off by {row.difference:.4f}: this image tower is "
                "not translated faithfully. Nothing was written."
            )


def card(report: tuple[Comparison, ...], precision: str) -> str:
    """The README.md of a folder."""
    return f"""# ONNX, {precision}

`model.onnx` is the image side of the model that `config.json` names, converted by
`seollem train onnx`. It takes `faces` (N, C, S, S), face crops of `crop_size` pixels in
[0, 255], grey or RGB as `color` says, and `label_vectors` (L, D), and gives `logits` (N, L). The
vectors of known labels lie in `labels.safetensors`; the trained labels' `label_biases` in
`config.json` are to be added to their logits; softmax makes probabilities of them.

    seollem vision selfie.jpg --model FOLDER        # pip install 'seollem[onnx]'

Beside PyTorch, on faces that neither trained on:

{table(report)}

The difference is the greatest of a probability; the agreement is on the most probable emotion. What
the model may be used for, its limits and its licence are the original's: see its model card, and
NOTICE where there is one.
"""
