"""Everything offline.

    seollem train download --out data
    seollem train prepare --source data/fer2013 --out data/fer2013.npz
    seollem train finetune --data data/fer2013.npz --backbone vision/weights \\
        --encoder vision/weights/text --out runs/embedded
    seollem train evaluate --model vision/weights --data data/fer2013.npz

What each command does, and an example: seollem train COMMAND --help
"""

import click

from seollem.cli.commands import LazyGroup, failing_on
from seollem.cli.streams import INTERRUPTED
from seollem.training.errors import TrainingError
from seollem.vision.errors import ModelError

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


class Training(LazyGroup):
    """Commands that end in a message for what can go wrong offline, and for Ctrl-C."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            with failing_on(TrainingError, ModelError):
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\nStopped. The same command goes on from what was finished.", err=True)
            ctx.exit(INTERRUPTED)


@click.group(
    cls=Training,
    table={
        name: (f"seollem.training.{module}:main", what) for name, (module, what) in COMMANDS.items()
    },
    help=__doc__,
)
def training() -> None: ...
