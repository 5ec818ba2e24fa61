"""Label the faces of any folder of photographs: the granular data set.

    python -m training annotate photographs --labels kote36 --out data/granular
    python -m training annotate photographs --labels 설렘,당황,지루함 --out data/three --crops
    python -m training annotate /shared/photographs --out /shared/granular \\
        --address ray://localhost:10001

Writes Parquet files, a data card (README.md) and a list of what was skipped. Stopped or killed, the
same command goes on where it was. Faces are cropped as the model needs them and left out of the
data set unless --crops asks for them. On a cluster, IMAGES and --model must mean the same on every
machine. Look at the result with: python -m training review
"""

import argparse
import hashlib
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(VOCABULARIES)
    parser.add_argument("images", type=Path, help="folder of photographs, with its subfolders")
    parser.add_argument(
        "--labels", default="kote36", help=f"{names}, or labels A,B,C in Korean or English (kote36)"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--model", help="a checkpoint instead of the embedded one")
    parser.add_argument("--crops", action="store_true", help="put the faces' pixels in as well")
    parser.add_argument("--workers", type=int, help="processes (default: one for each core)")
    parser.add_argument("--address", help="an existing Ray cluster instead of this machine's cores")


def main(args: argparse.Namespace) -> None:
    config, record = plan(args)
    photographs, others = find_photographs(args.images, args.out)
    with alone_in(args.out):
        annotations = Annotations(args.out)
        annotations.begin(record)
        try:
            label(photographs, config, annotations, args)
        finally:  # what was done before Ctrl-C or an error has its card, too
            write_card(annotations, args.out, others)
        skipped = annotations.skipped
        skipped.save(args.out / "skipped.csv")
        if skipped:
            print(skipped.summary())
        rows = annotations.rows(["abstained"])
    unlabelled = sum(row["abstained"] is not None for row in rows)
    print(
        f"{len(photographs)} photographs, {len(rows)} faces, {unlabelled} without a label → "
        f"{args.out}"
    )


def label(
    photographs: Sequence[Photograph],
    config: AnnotationConfig,
    annotations: Annotations,
    args: argparse.Namespace,
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
            for result in results(config, left, args):
                collected.add(result, known=unopened)
                bar.update(result.photographs)
                if collected.photographs >= PART:
                    part, collected = collected, Annotated()  # first: Ctrl-C may come in between
                    annotations.append(part)
    finally:
        if collected.rows or collected.skipped:
            annotations.append(collected)


def plan(args: argparse.Namespace) -> tuple[AnnotationConfig, dict[str, Any]]:
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

    named = VOCABULARIES.get(args.labels)
    typed = unicodedata.normalize("NFC", args.labels)  # macOS may hand Hangul over in its parts
    labels = check_labels(named or [label.strip() for label in typed.split(",")])
    folder = local_folder(args.model) if args.model else WEIGHTS
    calibration = load_calibration(folder) if labels == NEW_EMOTIONS else None
    try:
        model = EmotionCLIPConfig.from_pretrained(folder, local_files_only=True)
        onnx = folder / ONNX_FILE
        weights = (onnx if onnx.is_file() else folder / SAFE_WEIGHTS_NAME).read_bytes()
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(f"{folder} holds no emotion model ({error}).") from error
    config = AnnotationConfig(args.model, labels, calibration, args.crops)
    return config, {
        "images": readable(args.images.resolve()),
        "vocabulary": args.labels if named else "labels of its own",
        "labels": list(labels),
        "model": model.name,
        "checkpoint": args.model,
        "weights": hashlib.sha256(weights).hexdigest(),
        "crop_size": model.crop_size,
        "conclusive_at": model.conclusive_at,
        "calibration": calibration and asdict(calibration) | {"offsets": [*calibration.offsets]},
        "crops": args.crops,
    }


def results(
    config: AnnotationConfig, photographs: Sequence[Photograph], args: argparse.Namespace
) -> Iterator[Annotated]:
    """What becomes of the photographs, in their order.

    Raises:
        SettingsError: less than one worker.
        ModelError: the models cannot be loaded.
        WorkersLost, MissingExtra, ClusterError: see ``over_processes`` and ``over_cluster``.
    """
    work = partial(annotate, config)
    chunks = (photographs[i : i + CHUNK] for i in range(0, len(photographs), CHUNK))
    if args.address:
        return over_cluster(work, chunks, address=args.address, if_fatal=fatal)
    workers = (os.cpu_count() or 1) if args.workers is None else args.workers
    if workers < 1:
        raise SettingsError(f"{workers} workers are too few. Take at least 1.")
    return over_processes(work, chunks, workers=workers, if_fatal=fatal)


def fatal(photograph: Photograph) -> Annotated:
    """What is written of a photograph that ends the process that looks at it."""
    return Annotated(skipped=[(FATAL, photograph.name)], photographs=1)
