"""The option ``--threads`` of commands that compute."""

import click
import torch

from seollem.training.errors import SettingsError


def _use_threads(_ctx: click.Context, _option: click.Parameter, threads: int | None) -> None:
    if threads is None:
        return
    if threads < 1:
        raise SettingsError(f"threads is {threads}, not a number of 1 or more.")
    torch.set_num_threads(threads)


threads_option = click.option(
    "--threads",
    type=int,
    callback=_use_threads,
    expose_value=False,
    help="torch's threads (default: its own choice)",
)
