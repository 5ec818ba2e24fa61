"""Everything offline.

    python -m training download --out data
    python -m training prepare --source data/fer2013 --out data/fer2013.npz
    python -m training finetune --data data/fer2013.npz --backbone vision/weights \\
        --encoder vision/weights/text --out runs/embedded
    python -m training evaluate --model vision/weights --data data/fer2013.npz

What each command does, and an example: python -m training COMMAND --help
"""

import argparse
import importlib
import sys
from collections.abc import Collection

import click

from seollem.cli.commands import Command
from seollem.cli.streams import INTERRUPTED
from seollem.training.errors import TrainingError
from seollem.vision.errors import ModelError

PROGRAM = "python -m training"
COMMANDS = {  # name → module below seollem.training, and what it does
    "download": ("data.download", "fetch FER-2013 and AffectNet from Kaggle"),
    "merge": ("data.merge", "merge face data sets into one manifest, near-duplicates marked"),
    "prepare": ("data.prepare", "read faces once into a fast form"),
    "finetune": ("finetune.finetune", "fine-tune an EmotionCLIP; goes on where it was stopped"),
    "export": ("release.export", "make the checkpoint that ships of a finished run"),
    "search": ("search.search", "random search over rates, scale, sizes and freezing"),
    "tune": ("search.tune", "the same search on Ray Tune, many trials at once"),
    "wise-ft": (
        "release.wise_ft",
        "between the weights a run started from and those it ended with",
    ),
    "onnx": ("release.onnx", "a checkpoint as ONNX, in float32 and int8, checked against PyTorch"),
    "evaluate": ("measure.evaluate", "one table of figures for a checkpoint"),
    "zeroshot": (
        "experiments.zeroshot",
        "what a checkpoint makes of emotions and words it was never trained on",
    ),
    "leave-out": ("experiments.leave_out", "train without an emotion, then ask for it"),
    "reproduce": (
        "experiments.reproduce",
        "the original study's experiment on 256 images, beside its figures",
    ),
    "cooccurrence": (
        "measure.cooccurrence",
        "which new emotions go with which emotion of a face, in comments",
    ),
    "text": ("messages.train", "fine-tune a message reader; goes on where it was stopped"),
    "text-export": ("messages.export", "make the message reader that ships of a finished run"),
    "text-evaluate": ("messages.evaluate", "one table of figures for a message reader"),
    "annotate": ("annotation.annotate", "label the faces of any folder of photographs"),
    "review": ("annotation.review", "look at what annotate wrote, and correct it"),
    "cut": ("towers.cut", "cut a sentence encoder's vocabulary to the languages that are needed"),
}


@click.command(
    cls=Command,
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def training(arguments: tuple[str, ...]) -> int:
    return main(list(arguments))


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand; 0 when it went well, 1 after a message on standard error."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        args = parser_of(given[:1]).parse_args(given)  # imports what the command needs
        args.execute(args)
    except (TrainingError, ModelError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from what was finished.", file=sys.stderr)
        return INTERRUPTED
    return 0


def parser_of(wanted: Collection[str]) -> argparse.ArgumentParser:
    """The whole command line; only the wanted commands know their arguments.

    The others' imports are not paid for.
    """
    parser = argparse.ArgumentParser(
        PROGRAM, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module_path, summary) in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name in wanted:
            module = importlib.import_module(f"seollem.training.{module_path}")
            command.description = module.__doc__
            module.add_arguments(command)
            command.set_defaults(execute=module.main)
    return parser
