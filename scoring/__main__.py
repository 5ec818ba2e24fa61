"""Reads messages, and weighs emotions by how near they are to affection.

    python -m scoring text "오늘 너 만나서 너무 설레고 행복했어"
    python -m scoring text --json < messages.txt
    python -m scoring weights
    python -m scoring weights --labels 질투,그리움 --encoder skt/kobert-base-v1
    python -m scoring build-weights

Ends with 0 when all went well, with 1 after a message on standard error, with 2 for a wrong call,
with 130 after Ctrl-C.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from seollem.scoring.emotions import FACE_EMOTIONS, KOTE
from seollem.scoring.errors import ScoringError
from seollem.scoring.label_weights import SHIPPED, LabelWeights
from seollem.scoring.similarity import METHODS
from seollem.vision.checkpoints import local_folder
from seollem.vision.errors import ModelError
from seollem.vision.streams import as_text, on_standard_streams, standard_input

LINES_A_BATCH = 64  # messages read together; bounds memory, not their number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; the exit status."""
    options = _parser().parse_args(arguments)
    commands = {"text": read_messages, "weights": show_weights, "build-weights": build}
    try:
        commands[options.command](options)
    except (ScoringError, ModelError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def read_messages(options: argparse.Namespace) -> None:
    """Print what the arguments, or the lines of standard input, say and the affection in it."""
    from seollem.scoring.affection import turn_affection
    from seollem.scoring.reports import MessageReport
    from seollem.scoring.text import TextEmotionClassifier

    classifier = TextEmotionClassifier.from_pretrained(options.model)
    weights = LabelWeights.load()
    for batch in _batches(options.messages):
        for text, reading in zip(batch, classifier.read(batch), strict=True):
            report = MessageReport(text, reading, turn_affection(reading.emotions, weights))
            print(report.as_json() if options.json else report.as_row(), flush=True)


def show_weights(options: argparse.Namespace) -> None:
    """Print a table of weights with its agreement with KOTE's co-occurrences."""
    from seollem.scoring.agreement import agreement, load_cooccurrence
    from seollem.scoring.encoders import TextEncoder
    from seollem.scoring.reports import WeightsReport
    from seollem.scoring.similarity import affection_weights

    if options.encoder is not None:
        local_folder(options.encoder)  # raises where another encoder would serve instead
    encoder = TextEncoder.from_pretrained(options.encoder)
    labels = (*FACE_EMOTIONS, *KOTE)
    if options.labels is not None:
        labels = tuple(label.strip() for label in as_text(options.labels).split(","))
    weights = affection_weights(labels, encoder.encode, method=options.method)
    cooccurrence = load_cooccurrence()
    found = agreement(weights, cooccurrence)
    report = WeightsReport(encoder.name, options.method, weights, cooccurrence, found)
    print(*([report.as_json()] if options.json else report.rows()), sep="\n")


def build(options: argparse.Namespace) -> None:
    """Write the label weights that ship."""
    from seollem.scoring.build_weights import build_weights
    from seollem.scoring.encoders import TextEncoder

    weights = build_weights(options.out, TextEncoder.from_pretrained())
    print(f"{len(weights)} label weights, their card's table and their chart are in {options.out}")


def _batches(messages: Sequence[str]) -> Iterator[list[str]]:
    """The messages, or standard input's lines; typed ones are answered one by one."""
    is_typed = not messages and standard_input().isatty()
    lines: Iterable[str] = messages or (line.rstrip("\r\n") for line in standard_input())
    texts = (line.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for line in lines)
    size = 1 if is_typed else LINES_A_BATCH
    while batch := list(islice(texts, size)):
        yield batch


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m scoring",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    text = commands.add_parser("text", help="read messages: their emotions and their affection")
    text.add_argument(
        "messages", nargs="*", metavar="MESSAGE", help="without any, the lines of standard input"
    )
    text.add_argument(
        "--model", metavar="M", help="a checkpoint's folder or hub name instead of the embedded one"
    )
    weights = commands.add_parser("weights", help="weigh emotions by their nearness to affection")
    weights.add_argument(
        "--encoder", metavar="NAME", help="a text encoder's folder or hub name, such as KoBERT's"
    )
    weights.add_argument("--method", choices=METHODS, default="contrast")
    weights.add_argument("--labels", metavar="A,B,C", help="these instead of all known emotions")
    for command in (text, weights):
        command.add_argument("--json", action="store_true", help="JSON, an object a line")
    built = commands.add_parser("build-weights", help="write the label weights that ship")
    built.add_argument("--out", type=Path, default=SHIPPED.parent, metavar="FOLDER")
    return parser


if __name__ == "__main__":
    sys.exit(on_standard_streams(main))
