"""What a run asks of the machine that it finds."""

import subprocess
import sys
from types import MappingProxyType

import pytest
import torch

from seollem.training.runs.devices import has_bfloat16
from seollem.vision.c_library import c_function

CPU = torch.device("cpu")

KEPT = """
import torch
from pathlib import Path
from seollem.training.runs.devices import keep_freed_memory
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
{first}
torch.ones(1000)
before = resident()
block = torch.ones(50_000_000)
del block
print(resident() - before)
"""


@pytest.mark.parametrize(
    ("able", "expected"),
    [
        ({"architecture": "x86_64", "avx2": True, "avx512_bf16": False}, False),
        ({"architecture": "x86_64", "avx512_bf16": True}, True),
        ({"architecture": "x86_64", "amx_bf16": True}, True),
        ({"architecture": "aarch64", "bf16": True}, True),
    ],
)
def test_bfloat16_is_for_processors_that_multiply_it(
    able: dict[str, object], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: MappingProxyType(able))
    assert has_bfloat16(CPU) is expected


def test_no_other_device_is_taken_for_one_that_does() -> None:
    assert not has_bfloat16(torch.device("meta"))


@pytest.mark.skipif(c_function("mallopt") is None, reason="no C library that can be told")
def test_freed_memory_is_kept() -> None:
    def kept(first: str) -> int:
        script = [sys.executable, "-c", KEPT.format(first=first)]
        return int(subprocess.run(script, capture_output=True, text=True, check=True).stdout)

    assert kept("") < 100_000_000 < kept("keep_freed_memory()")
