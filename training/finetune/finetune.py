"""Fine-tune an EmotionCLIP on FER-2013 and the FERPlus votes.

    seollem train finetune --data data/fer2013.npz \\
        --backbone openai/clip-vit-base-patch32 --encoder vision/weights/text --out runs/clip
    seollem train finetune --preset refine --data data/fer2013.npz --backbone vision/weights \\
        --teacher vision/weights --encoder vision/weights/text --out runs/refined
    accelerate launch --num_processes 4 -m training finetune --data data/fer2013.npz \\
        --backbone openai/clip-vit-base-patch32 --encoder vision/weights/text --out runs/clip

The last command is the first one on several devices. A run that was stopped goes on where it was
when the same command is given again.
"""

from pathlib import Path

import click

from seollem.cli.commands import PATH, Command
from seollem.training.data.faces import FaceSet
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.curves import draw_curves
from seollem.training.finetune.options import (
    Sources,
    with_settings,
    with_sources,
)
from seollem.training.finetune.run import open_run
from seollem.training.runs.folder import METRICS_FILE
from seollem.training.runs.logs import KINDS, open_log
from seollem.training.runs.threads import threads_option


@click.command(cls=Command, help=__doc__)
@with_settings
@with_sources
@threads_option
@click.option("--logger", type=click.Choice(KINDS), help="also write every step's loss and rate")
@click.option("--out", type=PATH, required=True, help="folder of the run")
def main(config: FinetuneConfig, sources: Sources, logger: str | None, out: Path) -> None:
    run = open_run(
        config,
        faces=FaceSet.load(sources.data),
        backbone=sources.backbone,
        encoder=sources.encoder,
        teachers=sources.teachers,
        out=out,
    )
    if logger and run.accelerator.is_main_process:
        run.log = open_log(logger, out, run.step)
    run.train()
    if run.accelerator.is_main_process:
        draw_curves(out / METRICS_FILE, out / "curves.png")
