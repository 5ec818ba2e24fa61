"""Reads messages, and weighs emotions by how near they are to affection.

    seollem text "오늘 너 만나서 너무 설레고 행복했어"
    seollem text --json < messages.txt
    seollem weights
    seollem weights --labels 질투,그리움 --encoder skt/kobert-base-v1
    python -m scoring build-weights

Ends with 0 when all went well, with 1 after a message on standard error, with 2 for a wrong call,
with 130 after Ctrl-C.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import click

from seollem.cli.commands import PATH, Group, failing_on
from seollem.cli.streams import as_text, standard_input
from seollem.scoring.emotions import FACE_EMOTIONS, KOTE
from seollem.scoring.errors import ScoringError
from seollem.scoring.label_weights import SHIPPED, LabelWeights
from seollem.scoring.similarity import METHODS
from seollem.vision.checkpoints import local_folder
from seollem.vision.errors import ModelError

LINES_A_BATCH = 64  # messages read together; bounds memory, not their number

_failing = failing_on(ScoringError, ModelError)


@click.group(cls=Group, help=__doc__)
def scoring() -> None: ...


@scoring.command()
@click.argument("messages", nargs=-1, metavar="[MESSAGE]...")
@click.option(
    "--model", metavar="M", help="a checkpoint's folder or hub name instead of the embedded one"
)
@click.option("--json", "as_objects", is_flag=True, help="JSON, an object a line")
@_failing
def text(messages: tuple[str, ...], model: str | None, as_objects: bool) -> None:
    """Read messages, or the lines of standard input: their emotions and their affection.

    seollem text "오늘 너 만나서 너무 설레고 행복했어"
    seollem text --json < messages.txt
    """
    from seollem.scoring.affection import turn_affection
    from seollem.scoring.reports import MessageReport
    from seollem.scoring.text import TextEmotionClassifier

    classifier = TextEmotionClassifier.from_pretrained(model)
    table = LabelWeights.load()
    for batch in _batches(messages):
        for message, reading in zip(batch, classifier.read(batch), strict=True):
            report = MessageReport(message, reading, turn_affection(reading.emotions, table))
            print(report.as_json() if as_objects else report.as_row(), flush=True)


@scoring.command()
@click.option(
    "--encoder", metavar="NAME", help="a text encoder's folder or hub name, such as KoBERT's"
)
@click.option("--method", type=click.Choice(METHODS), default="contrast", show_default=True)
@click.option("--labels", metavar="A,B,C", help="these instead of all known emotions")
@click.option("--json", "as_objects", is_flag=True, help="JSON, one object")
@_failing
def weights(encoder: str | None, method: str, labels: str | None, as_objects: bool) -> None:
    """Weigh emotions by how near they are to affection, and compare with KOTE's co-occurrences.

    seollem weights
    seollem weights --labels 질투,그리움 --encoder skt/kobert-base-v1
    """
    from seollem.scoring.agreement import agreement, load_cooccurrence
    from seollem.scoring.encoders import TextEncoder
    from seollem.scoring.reports import WeightsReport
    from seollem.scoring.similarity import affection_weights

    if encoder is not None:
        local_folder(encoder)  # raises where another encoder would serve instead
    text_encoder = TextEncoder.from_pretrained(encoder)
    chosen = (*FACE_EMOTIONS, *KOTE)
    if labels is not None:
        chosen = tuple(label.strip() for label in as_text(labels).split(","))
    found = affection_weights(chosen, text_encoder.encode, method=method)
    cooccurrence = load_cooccurrence()
    agreed = agreement(found, cooccurrence)
    report = WeightsReport(text_encoder.name, method, found, cooccurrence, agreed)
    print(report.as_json() if as_objects else report.as_table())


@scoring.command("build-weights")
@click.option("--out", type=PATH, default=SHIPPED.parent, metavar="FOLDER", help="where to write")
@_failing
def build(out: Path) -> None:
    """Write the label weights that ship.

    python -m scoring build-weights
    """
    from seollem.scoring.build_weights import build_weights
    from seollem.scoring.encoders import TextEncoder

    written = build_weights(out, TextEncoder.from_pretrained())
    print(f"{len(written)} label weights, their card's table and their chart are in {out}")


def _batches(messages: Sequence[str]) -> Iterator[list[str]]:
    """The messages, or standard input's lines; typed ones are answered one by one."""
    is_typed = not messages and standard_input().isatty()
    lines: Iterable[str] = messages or (line.rstrip("\r\n") for line in standard_input())
    texts = (line.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for line in lines)
    size = 1 if is_typed else LINES_A_BATCH
    while batch := list(islice(texts, size)):
        yield batch
