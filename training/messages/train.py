"""Fine-tune a message reader: 44 emotions of KOTE, in Korean and English.

    seollem train text --texts data/texts --encoder vision/weights/text --out runs/text
    seollem train text --preset chat --texts data/texts --encoder vision/weights/text \\
        --reader scoring/weights/text --out runs/chat
    seollem train text --preset kote --texts data/texts --encoder skt/kobert-base-v1 \\
        --out runs/kobert

A run that was stopped goes on where it was when the same command is given again. OUT holds the run
alone; text-export makes of it what SEOLLEM_TEXT_MODEL reads.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from seollem.cli.commands import PATH, Command
from seollem.scoring.emotions import KOTE
from seollem.scoring.text_checkpoint import HEADS_FILE
from seollem.training.data.corpora import GOEMOTIONS, TOPICS, read_kote
from seollem.training.errors import CheckpointError, SettingsError
from seollem.training.messages.config import PRESETS, Stage, TextConfig
from seollem.training.messages.network import TRAINABLE, MessageReader, choose_trainable
from seollem.training.messages.run import MessageObjective, MessageRun
from seollem.training.messages.sources import Sources, hears_tfidf
from seollem.training.messages.tfidf import require_tfidf
from seollem.training.runs.devices import accelerator, keep_freed_memory
from seollem.training.runs.folder import SETTINGS_FILE
from seollem.training.runs.loop import Run
from seollem.training.runs.threads import threads_option
from seollem.training.towers.vocabulary import load_text_tower
from seollem.vision.text_tower import TextTower

# Of the rows that are held out: the same in every run, so that what one run learned no later run
# that starts from it takes for unseen.
HELD_OUT_SEED = 20221101

HEADS = {"kote": len(KOTE), "goemotions": len(GOEMOTIONS), "rating": 1, "topic": TOPICS}


@click.command(cls=Command, help=__doc__)
@click.option(
    "--preset",
    type=click.Choice([*PRESETS]),
    default="embedded",
    show_default=True,
    help="settings",
)
@click.option("--texts", type=PATH, required=True, help="folder of the corpora")
@click.option("--encoder", required=True, help="a folder, or a hub name")
@click.option("--reader", type=PATH, help="a finished reader, to go on from its heads")
@click.option("--out", type=PATH, required=True, help="folder of the run")
@click.option("--trainable", type=click.Choice([*TRAINABLE]), help="which part (the preset's: all)")
@click.option("--rate", type=float, help="peak rate of every stage, not the preset's")
@click.option("--kote-split", help="split of KOTE to learn from (the preset's: val)")
@click.option("--seed", type=int, help="instead of the preset's")
@threads_option
def main(
    preset: str,
    texts: Path,
    encoder: str,
    reader: Path | None,
    out: Path,
    trainable: str | None,
    rate: float | None,
    kote_split: str | None,
    seed: int | None,
) -> None:
    chosen = {"trainable": trainable, "kote_split": kote_split, "seed": seed}
    given: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
    config = dataclasses.replace(PRESETS[preset], **given)
    if rate is not None:
        stages = (dataclasses.replace(stage, rate=rate) for stage in config.stages)
        config = dataclasses.replace(config, stages=tuple(stages))
    if any(hears_tfidf(task) for stage in config.stages for task in stage.rows):
        require_tfidf()  # hours before it is heard
    run = open_run(config, texts=texts, encoder=encoder, out=out, reader=reader)
    run.train()


def open_run(
    config: TextConfig, *, texts: Path, encoder: str, out: Path, reader: Path | None = None
) -> MessageRun:
    """Build a run, or go on with the one that ``out`` holds.

    Args:
        reader: a folder of text-export's, whose heads the run starts with; its encoder is
            ``encoder``.

    Raises:
        DataError: a corpus is missing or not in its format.
        BrokenWeights: the encoder cannot be loaded.
        SettingsError: the part that should be trained is not to be found in this encoder.
        MissingExtra: adapters should be, and PEFT is not installed.
        CheckpointError: ``out`` holds another run, or ``reader`` no heads of this size.
        NoSpace: the disk is too small for the run.
    """
    keep_freed_memory()
    devices = accelerator()
    if devices.num_processes > 1:
        raise SettingsError(
            f"Messages are learned in one process; {devices.num_processes} were launched. "
            "Give the command without accelerate launch."
        )
    torch.manual_seed(config.seed)
    kote = read_kote(texts, config.kote_split)
    order = np.random.default_rng(HELD_OUT_SEED).permutation(len(kote))
    held = round(config.held_out * len(kote))
    tower = load_text_tower(encoder, config.sentence_prefix)
    set_dropout(tower, config.dropout)
    choose_trainable(tower, config.trainable)
    learner = MessageReader(tower, HEADS).to(devices.device)
    if reader is not None:
        load_heads(learner, reader)
    objective = MessageObjective(
        config=config,
        reader=learner,
        tasks=Sources(texts, learner, kote.rows(order[held:]), out),
        held_out=kote.rows(order[:held]),
        data=kote.checksum,
    )
    return Run(objective, out, devices)


def load_heads(reader: MessageReader, folder: Path) -> None:
    """Take the heads of a finished reader.

    Raises:
        CheckpointError: the folder holds none, or they are of another size.
    """
    path = folder / HEADS_FILE
    try:
        reader.heads.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{path} holds no heads for this reader ({error}).") from error


def load_run(folder: Path, *, texts: Path, encoder: str) -> MessageRun:
    """A finished run; its reader has the averaged weights.

    Raises:
        CheckpointError: the folder is no run's, or the run is not finished.
    """
    try:
        settings = json.loads((folder / SETTINGS_FILE).read_text("utf-8"))
        stages = tuple(Stage(**stage) for stage in settings.pop("stages"))
        config = TextConfig(stages=stages, **settings)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder} is not a folder of text's ({error}).") from error
    run = open_run(config, texts=texts, encoder=encoder, out=folder)
    if not run.is_finished:
        raise CheckpointError(f"{folder} has not come to its end. Give its text command again.")
    run.objective.reader.load_state_dict(run.average.state)
    return run


def set_dropout(tower: TextTower, share: float) -> None:
    """Drop hidden states, not attention: drawing its masks would take a tenth of the time."""
    for name, module in tower.encoder.named_modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0 if "attention.self" in name else share
    tower.encoder.set_attn_implementation("eager")  # as fast as the fused one, in bfloat16 here
