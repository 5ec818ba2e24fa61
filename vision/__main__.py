"""Reads pictures: who is in them and what their faces show.

    python -m vision selfie.jpg
    python -m vision photos/*.jpg --json > readings.jsonl
    python -m vision selfie.jpg --labels 설렘,당황,지루함 --annotated read.png
    python -m vision faces/*.png --cropped --json

Ends with 0 when every picture was read, with 1 when one was not, with 2 for a wrong call, with 130
after Ctrl-C.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from seollem.vision.errors import LabelError, ModelError, SelfieError
from seollem.vision.images import DEFAULT_LIMITS, Picture
from seollem.vision.reports import Report, Table, message
from seollem.vision.streams import as_text, on_standard_streams
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.annotated and len(options.images) > 1:
        parser.error("--annotated takes one image at a time")
    if options.annotated and not options.annotated.lower().endswith(".png"):
        parser.error("--annotated writes PNG: name a file that ends so")
    if options.annotated and os.path.realpath(options.annotated) == os.path.realpath(
        options.images[0]
    ):
        parser.error("--annotated would overwrite the image itself: name another file")
    from seollem.vision.label_vectors import check_labels

    labels: tuple[str, ...] | None = None
    if options.labels is not None:
        try:
            labels = check_labels([label.strip() for label in as_text(options.labels).split(",")])
        except LabelError as error:
            parser.error(f"--labels: {error}")
    try:
        with system_libraries():
            from seollem.vision.analyzer import SelfieAnalyzer
        with closing(SelfieAnalyzer.from_pretrained(options.model)) as analyzer:
            return run(analyzer, options, labels)
    except ModelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def run(
    analyzer: "SelfieAnalyzer", options: argparse.Namespace, labels: tuple[str, ...] | None
) -> int:
    """Read and print; the exit status."""
    table = Table(options.images, labels or analyzer.labels)
    if not options.json:
        print(table.header())
    was_read = True
    for report in read_all(analyzer, options.images, labels, cropped=options.cropped):
        was_read &= report.error is None
        lines = [report.as_json()] if options.json else table.rows(report)
        print(*lines, sep="\n", flush=True)
        if options.annotated and report.faces:
            was_read &= _annotate(report, options.annotated)
    return 0 if was_read else 1


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
        readings = iter(analyzer.tell([face for found in batch for face in found.faces], labels))
        for image, faces, subject, error in batch:
            told = tuple(islice(readings, len(faces)))
            yield Report(image, analyzer.model_id, told, subject, error)


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m vision",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="JPEG, PNG, WebP or GIF")
    parser.add_argument(
        "--labels", metavar="A,B,C", help="emotions to choose between, Korean or English"
    )
    parser.add_argument(
        "--cropped", action="store_true", help="each image is one face already: find none in it"
    )
    parser.add_argument("--annotated", metavar="OUT.png", help="draw the reading into a copy")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--model", metavar="M", help="a checkpoint's folder or hub name instead of the embedded one"
    )
    return parser


if __name__ == "__main__":
    sys.exit(on_standard_streams(main))
