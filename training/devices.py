"""Where a run computes: one process, several of them, or several GPUs."""

from typing import TYPE_CHECKING

from training.config import FinetuneConfig
from training.errors import MissingExtra, SettingsError

if TYPE_CHECKING:
    from accelerate import Accelerator


def accelerator(config: FinetuneConfig) -> "Accelerator":
    """The processes that were launched, and this one's device.

    Raises:
        MissingExtra: Accelerate is not installed.
        SettingsError: a step has too few rows for all processes and their parts.
    """
    try:
        from accelerate import Accelerator
        from accelerate.utils import DistributedDataParallelKwargs
    except ImportError as error:
        raise MissingExtra(
            "Training needs Hugging Face Accelerate: pip install 'seollem[train]'"
        ) from error
    # While the tower rests, its parameters get no gradient.
    found = Accelerator(
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)]
    )
    parts = found.num_processes * config.accumulate
    if config.batch_size < 2 * parts:  # a batch norm needs two rows
        raise SettingsError(
            f"A step of {config.batch_size} rows is too small for {found.num_processes} processes "
            f"of {config.accumulate} parts each. Raise batch_size or lower accumulate."
        )
    return found
