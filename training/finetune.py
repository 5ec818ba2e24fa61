"""Fine-tune an EmotionCLIP on FER-2013 and the FERPlus votes.

    python -m training finetune --data data/fer2013.npz --backbone FOLDER --encoder FOLDER \\
        --out runs/embedded

A run that was stopped goes on where it was when the same command is given again.
"""

import argparse
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from training.backbones import build_model
from training.config import PRESETS, FinetuneConfig
from training.curves import draw_curves
from training.fer2013 import FaceSet, Split
from training.objective import Objective
from training.run import METRICS_FILE, Run
from training.sampler import BalancedBatches
from training.schedule import Average
from training.vocabulary import Phrasings, build_label_space
from vision.image_towers import channels_last
from vision.model import EmotionCLIP
from vision.text_tower import TextTower

SETTINGS_FILE = "settings.json"
STATISTICS_ROWS = 512  # faces to measure a folded network's batch statistics on


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=PRESETS, default="embedded", help="settings (embedded)")
    parser.add_argument("--data", type=Path, required=True, help="what prepare wrote")
    parser.add_argument(
        "--backbone", required=True, help="image tower to start from: a folder, or a hub name"
    )
    parser.add_argument(
        "--encoder", required=True, help="text tower, kept as it is: a folder, or a hub name"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--epochs", type=int, help="instead of the preset's")
    parser.add_argument("--seed", type=int, help="instead of the preset's")
    parser.add_argument("--threads", type=int, help="torch's threads (default: its own choice)")


def main(args: argparse.Namespace) -> None:
    if args.threads:
        torch.set_num_threads(args.threads)
    given = {name: getattr(args, name) for name in ("epochs", "seed") if getattr(args, name)}
    run = start(
        dataclasses.replace(PRESETS[args.preset], **given),
        faces=FaceSet.load(args.data),
        backbone=args.backbone,
        encoder=args.encoder,
        out=args.out,
    )
    run.train()
    draw_curves(args.out / METRICS_FILE, args.out / "curves.png")


def parameter_groups(model: EmotionCLIP, config: FinetuneConfig) -> Iterator[dict[str, Any]]:
    """AdamW's groups: tower and heads at their own rates, vectors without weight decay."""
    for is_tower in (True, False):
        for decays in (True, False):
            parameters = [
                parameter
                for name, parameter in model.named_parameters()
                if name.startswith("image_tower.") == is_tower and (parameter.ndim > 1) == decays
            ]
            yield {
                "params": parameters,
                "peak": config.rate if is_tower else config.head_rate,
                "weight_decay": config.weight_decay if decays else 0.0,
            }


def start(config: FinetuneConfig, *, faces: FaceSet, backbone: str, encoder: str, out: Path) -> Run:
    """Build a run, or go on with the one that ``out`` holds."""
    torch.manual_seed(config.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    faces = faces.where(faces.is_face | (faces.splits != Split.TRAINING))
    training, validation = faces.split(Split.TRAINING), faces.split(Split.PUBLIC)
    tower = TextTower.from_pretrained(encoder)
    tower.prefix = tower.prefix or config.sentence_prefix
    label_space = build_label_space(tower)
    sample = torch.from_numpy(training.images[:STATISTICS_ROWS]).unsqueeze(1).float()
    model = build_model(
        backbone,
        projection_dim=tower.hidden_size,
        faces=sample,
        image_size=config.image_size,
        head_depth=config.head_depth,
        head_dropout=config.head_dropout,
    )
    nn.Module.to(model, device)
    channels_last(model)
    phrasings = {
        annotator: Phrasings(tower, labels, label_space.template_means)
        for annotator, labels in model.config.annotator_labels.items()
    }
    out.mkdir(parents=True, exist_ok=True)
    run = Run(
        config=config,
        out=out,
        model=model,
        average=Average(model, config.average),
        optimizer=torch.optim.AdamW(list(parameter_groups(model, config)), lr=config.rate),
        objective=Objective(phrasings, config.smoothing),
        faces=training,
        vote_shares=training.vote_shares,
        validation=validation,
        batches=BalancedBatches(training.labels, batch_size=config.batch_size, seed=config.seed),
        label_space=label_space,
        device=device,
    )
    run.resume()
    (out / SETTINGS_FILE).write_text(json.dumps(config.as_dict(), indent=2) + "\n", "utf-8")
    return run
