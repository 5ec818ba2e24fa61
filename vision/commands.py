"""Reads pictures: who is in them and what their faces show.

    seollem vision selfie.jpg
    seollem vision photos/*.jpg --json > readings.jsonl
    seollem vision selfie.jpg --labels 설렘,당황,지루함 --annotated read.png
    seollem vision faces/*.png --cropped --json

Ends with 0 when every picture was read, with 1 when one was not, with 2 for a wrong call, with 130
after Ctrl-C.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import click

from seollem.cli.commands import Command, failing_on
from seollem.cli.streams import as_text
from seollem.vision.errors import LabelError, ModelError, SelfieError
from seollem.vision.images import DEFAULT_LIMITS, Picture
from seollem.vision.reports import Report, Table, message
from seollem.vision.system_libraries import system_libraries

if TYPE_CHECKING:
    from seollem.vision.analyzer import FoundFace, SelfieAnalyzer  # loads OpenCV

PICTURES_A_BATCH = 64  # whose faces are read together; bounds memory, not the number of pictures


class Found(NamedTuple):
    """A picture's faces before they are read, or why there are none."""

    image: str
    faces: "tuple[FoundFace, ...]" = ()
    subject: int | None = None
    error: Exception | None = None


@click.command(cls=Command, help=__doc__)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option("--labels", metavar="A,B,C", help="emotions to choose between, Korean or English")
@click.option("--cropped", is_flag=True, help="each image is one face already: find none in it")
@click.option("--annotated", metavar="OUT.png", help="draw the reading into a copy")
@click.option("--json", "as_objects", is_flag=True, help="one JSON object a line")
@click.option(
    "--model", metavar="M", help="a checkpoint's folder or hub name instead of the embedded one"
)
@failing_on(ModelError)
def vision(
    images: tuple[str, ...],
    labels: str | None,
    cropped: bool,
    annotated: str | None,
    as_objects: bool,
    model: str | None,
) -> int:
    if annotated is not None:
        _check_copy(annotated, images)
    chosen = None if labels is None else _chosen(labels)
    with system_libraries():
        from seollem.vision.analyzer import SelfieAnalyzer
    with closing(SelfieAnalyzer.from_pretrained(model)) as analyzer:
        table = Table(images, chosen or analyzer.labels)
        if not as_objects:
            print(table.header())
        was_read = True
        for report in read_all(analyzer, images, chosen, cropped=cropped):
            was_read &= report.error is None
            lines = [report.as_json()] if as_objects else table.rows(report)
            print(*lines, sep="\n", flush=True)
            if annotated and report.faces:
                was_read &= _annotate(report, annotated)
    return 0 if was_read else 1


def _check_copy(annotated: str, images: Sequence[str]) -> None:
    """Refuse a copy that cannot be made of the images."""
    if len(images) > 1:
        raise click.UsageError("--annotated takes one image at a time")
    if not annotated.lower().endswith(".png"):
        raise click.UsageError("--annotated writes PNG: name a file that ends so")
    if os.path.realpath(annotated) == os.path.realpath(images[0]):
        raise click.UsageError("--annotated would overwrite the image itself: name another file")


def _chosen(labels: str) -> tuple[str, ...]:
    """The emotions in ``A,B,C``."""
    from seollem.vision.label_vectors import check_labels

    try:
        return check_labels([label.strip() for label in as_text(labels).split(",")])
    except LabelError as error:
        raise click.UsageError(f"--labels: {error}") from None


def read_all(
    analyzer: "SelfieAnalyzer",
    images: Iterable[str],
    labels: tuple[str, ...] | None = None,
    *,
    cropped: bool = False,
) -> Iterator[Report]:
    """A report for each picture, in order; the faces of many are read in one batch."""
    paths = iter(images)
    while batch := [_find(analyzer, path, cropped) for path in islice(paths, PICTURES_A_BATCH)]:
        readings = iter(analyzer.predict([face for found in batch for face in found.faces], labels))
        for image, faces, subject, error in batch:
            read = tuple(islice(readings, len(faces)))
            yield Report(image, analyzer.model_id, read, subject, error)


def _find(analyzer: "SelfieAnalyzer", image: str, cropped: bool) -> Found:
    faces: tuple[FoundFace, ...] = ()
    try:
        data = _read_bytes(image)
        faces = (analyzer.take_crop(data),) if cropped else analyzer.find(data)
        return Found(image, faces, analyzer.subject_of(faces))
    except (OSError, ValueError, SelfieError) as error:  # ValueError: a path with a zero byte
        return Found(image, faces, error=error)


def _read_bytes(image: str) -> bytes:
    """The file's bytes; of one that is too large, as many as it takes to see that."""
    with open(image, "rb") as file:
        return file.read(DEFAULT_LIMITS.max_bytes + 1)


def _annotate(report: Report, out: str) -> bool:
    from seollem.vision.drawing import annotate

    try:
        pixels = Picture(_read_bytes(report.image)).decode()
        annotate(pixels, report.faces, report.subject).save(out, "PNG")
    except (OSError, SelfieError) as error:
        print(f"error: {out} was not written: {message(error)}", file=sys.stderr)
        return False
    return True
