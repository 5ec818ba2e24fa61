"""Devices: one process, several, or several GPUs; number formats and memory."""

from typing import TYPE_CHECKING

import torch

from seollem.training.errors import MissingExtra, SettingsError
from seollem.vision.c_library import c_function

if TYPE_CHECKING:
    from accelerate import Accelerator

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h


def accelerator() -> "Accelerator":
    """The processes that were launched, and this one's device.

    Raises:
        MissingExtra: Accelerate is not installed.
    """
    try:
        from accelerate import Accelerator
        from accelerate.utils import DistributedDataParallelKwargs
    except ImportError as error:
        raise MissingExtra(
            "Training needs Hugging Face Accelerate: pip install 'seollem[train]'"
        ) from error
    # Parameters of a frozen tower get no gradient.
    return Accelerator(kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)])


def require_rows(batch_size: int, processes: int, accumulate: int) -> None:
    """Raises SettingsError where a part of a batch has fewer rows than the two of a batch norm."""
    if batch_size < 2 * processes * accumulate:
        raise SettingsError(
            f"A step of {batch_size} rows is too small for {processes} processes "
            f"of {accumulate} parts each. Raise batch_size or lower accumulate."
        )


def autocast(device: torch.device, *, bfloat16: bool) -> torch.autocast:
    """Run forward passes in bfloat16 where that is wanted and the device multiplies it."""
    lower = bfloat16 and has_bfloat16(device)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=lower)


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device supports bfloat16 in hardware; emulation is many times slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return device.type == "cpu" and any(
        able.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")
    )


def keep_freed_memory() -> None:
    """Make malloc keep freed memory for this process, with glibc; elsewhere do nothing.

    By default blocks above 32 MB, such as activations, return to the system at once. Allocating
    them again takes a quarter of a step or more (tests/benchmarks/training_step.py).
    """
    set_option = c_function("mallopt")
    if set_option is not None:
        set_option(M_MMAP_MAX, 0)
        set_option(M_TRIM_THRESHOLD, -1)
