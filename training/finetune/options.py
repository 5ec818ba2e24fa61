"""Options that several commands share: settings and sources."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from seollem.cli.commands import PATH
from seollem.training.finetune.config import PRESETS, FinetuneConfig, parse_settings, read_settings

Function = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a training starts from.

    Attributes:
        data: what prepare wrote.
        backbone, encoder: image and text tower, each a folder or a hub name.
        teachers: checkpoints whose opinions are part of the targets.
    """

    data: Path
    backbone: str
    encoder: str
    teachers: tuple[Path, ...]


def with_settings(command: Function) -> Function:
    """How to train: the command is called with ``config``.

    Raises:
        SettingsError: a setting that does not exist, or a value that it cannot have.
    """

    @click.option(
        "--preset",
        type=click.Choice([*PRESETS]),
        default="embedded",
        show_default=True,
        help="settings",
    )
    @click.option(
        "--settings",
        type=PATH,
        help="JSON of settings instead of the preset's: a run's or search's",
    )
    @click.option(
        "--set",
        "changes",
        multiple=True,
        metavar="NAME=VALUE",
        help="one setting of training/finetune/config.py instead; may be repeated",
    )
    @click.option("--epochs", type=int, help="short for --set epochs=…")
    @click.option("--seed", type=int, help="short for --set seed=…")
    @functools.wraps(command)
    def configured(
        *,
        preset: str,
        settings: Path | None,
        changes: tuple[str, ...],
        epochs: int | None,
        seed: int | None,
        **others: Any,
    ) -> None:
        config: FinetuneConfig = PRESETS[preset]
        if settings is not None:
            config = config.changed(read_settings(settings))
        short = {"epochs": epochs, "seed": seed}
        given = {name: value for name, value in short.items() if value is not None}
        command(config=config.changed(parse_settings(changes) | given), **others)

    return configured


def with_sources(command: Function) -> Function:
    """What to start from: the command is called with ``sources``."""

    @click.option("--data", type=PATH, required=True, help="what prepare wrote")
    @click.option(
        "--backbone",
        required=True,
        help="image tower to start from: a folder (of a run, too), or a hub name",
    )
    @click.option("--encoder", required=True, help="text tower: a folder, or a hub name")
    @click.option(
        "--teacher",
        "teachers",
        type=PATH,
        multiple=True,
        help="checkpoint whose opinion is part of the targets (setting distill); may be repeated",
    )
    @functools.wraps(command)
    def started(
        *, data: Path, backbone: str, encoder: str, teachers: tuple[Path, ...], **others: Any
    ) -> None:
        command(sources=Sources(data, backbone, encoder, teachers), **others)

    return started
