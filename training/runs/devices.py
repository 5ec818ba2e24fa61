"""Where a run computes: one process, several of them, or several GPUs."""

from typing import TYPE_CHECKING

import torch

from seollem.training.errors import MissingExtra, SettingsError
from seollem.vision.c_library import c_function

if TYPE_CHECKING:
    from accelerate import Accelerator

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h


def accelerator(*, batch_size: int, accumulate: int) -> "Accelerator":
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
    parts = found.num_processes * accumulate
    if batch_size < 2 * parts:  # a batch norm needs two rows
        raise SettingsError(
            f"A step of {batch_size} rows is too small for {found.num_processes} processes "
            f"of {accumulate} parts each. Raise batch_size or lower accumulate."
        )
    return found


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 itself; others imitate it, many times slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return device.type == "cpu" and any(
        able.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")
    )


def keep_freed_memory() -> None:
    """Let this process use its freed memory again, where its C library can be told to (glibc).

    By default blocks of more than 32 MB, and activations are such, go back to the system at once;
    fetching them anew takes a quarter of a step, or more (tests/benchmarks/training_step.py).
    """
    set_option = c_function("mallopt")
    if set_option is not None:
        set_option(M_MMAP_MAX, 0)
        set_option(M_TRIM_THRESHOLD, -1)
