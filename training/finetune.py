"""Fine-tune an EmotionCLIP on FER-2013 and the FERPlus votes.

    python -m training finetune --data data/fer2013.npz --backbone FOLDER --encoder FOLDER \\
        --out runs/embedded
    python -m training finetune --preset refine --data data/fer2013.npz \\
        --backbone runs/embedded --teacher runs/embedded --encoder FOLDER --out runs/refined
    accelerate launch --num_processes 4 -m training finetune …         # on several devices

A run that was stopped goes on where it was when the same command is given again.
"""

import argparse
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from training.backbones import build_model
from training.config import PRESETS, SOURCES, FinetuneConfig, parse_settings, read_settings
from training.curves import draw_curves
from training.devices import accelerator
from training.errors import SettingsError
from training.faces import ANNOTATORS, FaceSet, Split
from training.layers import checkpoint_layers, freeze, parameter_groups
from training.objective import Objective
from training.run import METRICS_FILE, Run
from training.sampler import BalancedBatches
from training.schedule import Average
from training.targets import annotated, distilled, teach
from training.vocabulary import Phrasings, TrainedPhrasings, build_label_space
from vision.image_towers import channels_last
from vision.text_tower import TextTower

SETTINGS_FILE = "settings.json"
STATISTICS_ROWS = 512  # faces to measure a folded network's batch statistics on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    add_sources(parser)
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
        help="one setting of training/config.py instead; may be repeated",
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
    parser.add_argument("--threads", type=int, help="torch's threads (default: its own choice)")


def main(args: argparse.Namespace) -> None:
    use_threads(args)
    run = start(
        chosen_settings(args),
        faces=FaceSet.load(args.data),
        backbone=args.backbone,
        encoder=args.encoder,
        teachers=args.teacher,
        out=args.out,
    )
    run.train()
    if run.accelerator.is_main_process:
        draw_curves(args.out / METRICS_FILE, args.out / "curves.png")


def use_threads(args: argparse.Namespace) -> None:
    if args.threads:
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


def some_rows(faces: FaceSet, config: FinetuneConfig) -> FaceSet:
    """At most ``config.rows`` of the faces, drawn by its seed."""
    if not 0 < config.rows < len(faces):
        return faces
    mask = np.zeros(len(faces), np.bool_)
    mask[np.random.default_rng(config.seed).permutation(len(faces))[: config.rows]] = True
    return faces.where(mask)


def start(
    config: FinetuneConfig,
    *,
    faces: FaceSet,
    backbone: str,
    encoder: str,
    out: Path,
    teachers: Sequence[Path] = (),
) -> Run:
    """Build a run, or go on with the one that ``out`` holds.

    Raises:
        SettingsError: settings that do not go together, or with this image tower.
        CheckpointError: a backbone, a teacher or a stored run cannot be read or does not fit.
        BrokenWeights: the text tower cannot be loaded.
    """
    if bool(teachers) != bool(config.distill):
        raise SettingsError("--teacher and the setting distill go together: give both or neither.")
    devices = accelerator(config)
    torch.manual_seed(config.seed)
    faces = faces.where(faces.is_face | (faces.splits != Split.TRAINING))
    training = some_rows(faces.split(Split.TRAINING), config)
    validation = some_rows(faces.split(Split.PUBLIC), config)
    batches = BalancedBatches(training.classes, batch_size=config.batch_size, seed=config.seed)
    tower = TextTower.from_pretrained(encoder)
    tower.prefix = tower.prefix or config.sentence_prefix
    label_space = build_label_space(tower)
    sample = torch.from_numpy(training.images[:STATISTICS_ROWS]).unsqueeze(1).float()
    labels = {name: list(ANNOTATORS[name]) for name in training.annotators}
    model = build_model(
        backbone,
        text_dim=tower.hidden_size,
        faces=sample,
        annotator_labels=labels,
        annotator=next(iter(labels)),
        crop_size=training.images.shape[-1],
        projection_dim=config.projection_dim,
        image_size=config.image_size,
        image_depth=config.image_depth,
        head_depth=config.head_depth,
        head_dropout=config.head_dropout,
        initial_logit_scale=config.logit_scale,
    )
    targets = annotated(training, config.smoothing)
    if teachers:
        taught = teach(teachers, training, labels, devices.device)
        targets = distilled(targets, taught, config.distill)
    freeze(model, config.freeze)
    if config.checkpointing:
        checkpoint_layers(model)
    channels_last(model)
    phrasings = (
        TrainedPhrasings(tower, labels)
        if config.text_rate
        else Phrasings(tower, labels, label_space.template_means)
    )
    objective = Objective(model, phrasings, bfloat16=config.bfloat16)
    nn.Module.to(objective, devices.device)
    groups = parameter_groups(objective, config)
    learner, optimizer = devices.prepare(objective, torch.optim.AdamW(list(groups), lr=config.rate))
    run = Run(
        config=config,
        out=out,
        objective=objective,
        learner=learner,
        average=Average(objective, config.average),
        optimizer=optimizer,
        accelerator=devices,
        faces=training,
        targets=targets,
        validation=validation,
        batches=batches,
        label_space=label_space,
        encoder=encoder,
        data=zlib.crc32(training.images.tobytes()),
    )
    run.resume()
    if devices.is_main_process:
        out.mkdir(parents=True, exist_ok=True)
        sources: dict[str, Any] = {"backbone": backbone, "encoder": encoder}
        sources["teachers"] = [str(teacher) for teacher in teachers]
        record = json.dumps(config.as_dict() | {SOURCES: sources}, indent=2)
        (out / SETTINGS_FILE).write_text(record + "\n", "utf-8")
    return run
