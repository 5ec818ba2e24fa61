"""Fine-tune an EmotionCLIP on FER-2013 and the FERPlus votes.

    python -m training finetune --data data/fer2013.npz \\
        --backbone openai/clip-vit-base-patch32 --encoder vision/weights/text --out runs/clip
    python -m training finetune --preset refine --data data/fer2013.npz --backbone vision/weights \\
        --teacher vision/weights --encoder vision/weights/text --out runs/refined
    accelerate launch --num_processes 4 -m training finetune --data data/fer2013.npz \\
        --backbone openai/clip-vit-base-patch32 --encoder vision/weights/text --out runs/clip

The last command is the first one on several devices. A run that was stopped goes on where it was
when the same command is given again.
"""

import argparse
from pathlib import Path

import torch

from seollem.training.data.faces import FaceSet
from seollem.training.finetune.config import PRESETS, FinetuneConfig, parse_settings, read_settings
from seollem.training.finetune.curves import draw_curves
from seollem.training.finetune.run import open_run
from seollem.training.runs.folder import METRICS_FILE
from seollem.training.runs.limits import at_least
from seollem.training.runs.logs import KINDS, open_log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    add_sources(parser)
    add_threads(parser)
    parser.add_argument("--logger", choices=KINDS, help="also write every step's loss and rate")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """How to train."""
    parser.add_argument("--preset", choices=PRESETS, default="embedded", help="settings (embedded)")
    parser.add_argument(
        "--settings",
        type=Path,
        help="JSON of settings instead of the preset's: a run's or search's",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one setting of training/finetune/config.py instead; may be repeated",
    )
    parser.add_argument("--epochs", type=int, help="short for --set epochs=…")
    parser.add_argument("--seed", type=int, help="short for --set seed=…")


def add_sources(parser: argparse.ArgumentParser) -> None:
    """What every training starts from."""
    parser.add_argument("--data", type=Path, required=True, help="what prepare wrote")
    parser.add_argument(
        "--backbone",
        required=True,
        help="image tower to start from: a folder (of a run, too), or a hub name",
    )
    parser.add_argument("--encoder", required=True, help="text tower: a folder, or a hub name")
    parser.add_argument(
        "--teacher",
        type=Path,
        action="append",
        default=[],
        help="checkpoint whose opinion is part of the targets (setting distill); may be repeated",
    )


def main(args: argparse.Namespace) -> None:
    use_threads(args)
    run = open_run(
        chosen_settings(args),
        faces=FaceSet.load(args.data),
        backbone=args.backbone,
        encoder=args.encoder,
        teachers=args.teacher,
        out=args.out,
    )
    if args.logger and run.accelerator.is_main_process:
        run.log = open_log(args.logger, args.out, run.step)
    run.train()
    if run.accelerator.is_main_process:
        draw_curves(args.out / METRICS_FILE, args.out / "curves.png")


def add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=int, help="torch's threads (default: its own choice)")


def use_threads(args: argparse.Namespace) -> None:
    if args.threads is not None:
        at_least(args, 1, "threads")
        torch.set_num_threads(args.threads)


def chosen_settings(args: argparse.Namespace) -> FinetuneConfig:
    """The preset, changed by what else was given.

    Raises:
        SettingsError: a setting that does not exist, or a value that it cannot have.
    """
    config = PRESETS[args.preset]
    if args.settings:
        config = config.changed(read_settings(args.settings))
    short = {name: getattr(args, name) for name in ("epochs", "seed")}
    given = {name: value for name, value in short.items() if value is not None}
    return config.changed(parse_settings(args.set) | given)
