"""Label the faces of any folder of photographs: the granular data set.

    seollem train annotate photographs --labels kote36 --out data/granular
    seollem train annotate photographs --labels 설렘,당황,지루함 --out data/three --crops
    seollem train annotate /shared/photographs --out /shared/granular \\
        --address ray://localhost:10001

Writes Parquet files, a data card (README.md) and a list of what was skipped. Stopped or killed, the
same command goes on where it was. Faces are cropped as the model needs them and left out of the
data set unless --crops asks for them. On a cluster, IMAGES and --model must mean the same on every
machine. Look at the result with: seollem train review
"""

import hashlib
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from seollem.cli.commands import PATH, Command
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE, NEW_EMOTIONS
from seollem.training.annotation.card import write_card
from seollem.training.annotation.dataset import Annotations
from seollem.training.annotation.photographs import Photograph, find_photographs, readable
from seollem.training.annotation.worker import (
    CANNOT_OPEN,
    FATAL,
    Annotated,
    AnnotationConfig,
    annotate,
)
from seollem.training.errors import CheckpointError, SettingsError
from seollem.training.files.locks import alone_in
from seollem.training.release.vocabulary_calibration import load_calibration
from seollem.training.workers.processes import over_processes
from seollem.training.workers.ray import over_cluster

VOCABULARIES = {"kote36": NEW_EMOTIONS, "kote44": KOTE, "faces8": FACE_EMOTIONS}
CHUNK = 16  # photographs whose faces are read in one batch
PART = 1024  # photographs a file of the data set


@click.command(cls=Command, help=__doc__)
@click.argument("images", type=PATH)
@click.option(
    "--labels",
    default="kote36",
    show_default=True,
    help=f"{', '.join(VOCABULARIES)}, or labels A,B,C in Korean or English",
)
@click.option("--out", type=PATH, required=True, help="folder of the data set")
@click.option("--model", help="a checkpoint instead of the embedded one")
@click.option("--crops", is_flag=True, help="put the faces' pixels in as well")
@click.option("--workers", type=int, help="processes (default: one for each core)")
@click.option("--address", help="an existing Ray cluster instead of this machine's cores")
def main(
    images: Path,
    labels: str,
    out: Path,
    model: str | None,
    crops: bool,
    workers: int | None,
    address: str | None,
) -> None:
    config, record = plan(images, labels, checkpoint=model, crops=crops)
    photographs, others = find_photographs(images, out)
    with alone_in(out):
        annotations = Annotations(out)
        annotations.begin(record)
        try:
            label(config, photographs, annotations, workers=workers, address=address)
        finally:  # what was done before Ctrl-C or an error has its card, too
            write_card(annotations, out, others)
        skipped = annotations.skipped
        skipped.save(out / "skipped.csv")
        if skipped:
            print(skipped.summary())
        rows = annotations.rows(["abstained"])
    unlabelled = sum(row["abstained"] is not None for row in rows)
    print(
        f"{len(photographs)} photographs, {len(rows)} faces, {unlabelled} without a label → {out}"
    )


def label(
    config: AnnotationConfig,
    photographs: Sequence[Photograph],
    annotations: Annotations,
    *,
    workers: int | None,
    address: str | None,
) -> None:
    """Add what the data set lacks of the photographs, part by part.

    Raises: what ``results`` does, and keeps what was done before.
    """
    from tqdm import tqdm

    done = annotations.done()
    left = [photograph for photograph in photographs if photograph.name not in done]
    unopened = annotations.skipped.places.get(CANNOT_OPEN, [])  # tried again, recorded already
    if done:
        print(f"{len(photographs) - len(left)} of {len(photographs)} photographs are done already.")
    collected = Annotated()
    try:
        with tqdm(total=len(left), unit="photograph", disable=None) as bar:
            for result in results(config, left, workers=workers, address=address):
                collected.add(result, known=unopened)
                bar.update(result.photographs)
                if collected.photographs >= PART:
                    part, collected = collected, Annotated()  # first: Ctrl-C may come in between
                    annotations.append(part)
    finally:
        if collected.rows or collected.skipped:
            annotations.append(collected)


def plan(
    images: Path, vocabulary: str, *, checkpoint: str | None = None, crops: bool = False
) -> tuple[AnnotationConfig, dict[str, Any]]:
    """What a worker does, and what the data set's record says of it.

    Raises:
        BrokenWeights, CheckpointError: there is no such checkpoint.
        LabelError: labels that cannot be asked for.
    """
    from transformers.utils import SAFE_WEIGHTS_NAME

    from seollem.vision.checkpoints import local_folder
    from seollem.vision.classifier import WEIGHTS
    from seollem.vision.label_vectors import check_labels
    from seollem.vision.model import EmotionCLIPConfig
    from seollem.vision.onnx_model import FILE_NAME as ONNX_FILE

    named = VOCABULARIES.get(vocabulary)
    typed = unicodedata.normalize("NFC", vocabulary)  # macOS may hand Hangul over in its parts
    labels = check_labels(named or [label.strip() for label in typed.split(",")])
    folder = local_folder(checkpoint) if checkpoint else WEIGHTS
    calibration = load_calibration(folder) if labels == NEW_EMOTIONS else None
    try:
        model = EmotionCLIPConfig.from_pretrained(folder, local_files_only=True)
        onnx = folder / ONNX_FILE
        weights = (onnx if onnx.is_file() else folder / SAFE_WEIGHTS_NAME).read_bytes()
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(f"{folder} holds no emotion model ({error}).") from error
    config = AnnotationConfig(checkpoint, labels, calibration, crops)
    return config, {
        "images": readable(images.resolve()),
        "vocabulary": vocabulary if named else "labels of its own",
        "labels": list(labels),
        "model": model.name,
        "checkpoint": checkpoint,
        "weights": hashlib.sha256(weights).hexdigest(),
        "crop_size": model.crop_size,
        "conclusive_at": model.conclusive_at,
        "calibration": calibration and asdict(calibration) | {"offsets": [*calibration.offsets]},
        "crops": crops,
    }


def results(
    config: AnnotationConfig,
    photographs: Sequence[Photograph],
    *,
    workers: int | None,
    address: str | None,
) -> Iterator[Annotated]:
    """What becomes of the photographs, in their order.

    Raises:
        SettingsError: less than one worker.
        ModelError: the models cannot be loaded.
        WorkersLost, MissingExtra, ClusterError: see ``over_processes`` and ``over_cluster``.
    """
    work = partial(annotate, config)
    chunks = (photographs[i : i + CHUNK] for i in range(0, len(photographs), CHUNK))
    if address:
        return over_cluster(work, chunks, address=address, if_fatal=fatal)
    if workers is None:
        workers = os.cpu_count() or 1
    if workers < 1:
        raise SettingsError(f"{workers} workers are too few. Take at least 1.")
    return over_processes(work, chunks, workers=workers, if_fatal=fatal)


def fatal(photograph: Photograph) -> Annotated:
    """What is written of a photograph that ends the process that looks at it."""
    return Annotated(skipped=[(FATAL, photograph.name)], photographs=1)
