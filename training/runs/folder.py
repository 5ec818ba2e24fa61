"""A run's folder. Its files are complete at any time, even when the run is killed."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from seollem.training.errors import CheckpointError
from seollem.training.files.disk import writing

SETTINGS_FILE = "settings.json"
STATE_FILE = "state.pt"
METRICS_FILE = "metrics.jsonl"
PARTIAL = ".partial"
LONGEST = 80  # characters of a value in an error message


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A temporary folder to write into; at the end its content replaces that of ``folder``.

    ``folder`` is unchanged until everything is written. Files are moved in the order of their
    names, ``state.pt`` last, so that a run killed in between repeats its last epoch.

    Raises:
        NoSpace: the disk is full.
        DataError: the folder cannot be written for another reason.
    """
    partial = folder / PARTIAL
    with writing(folder):
        try:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            yield partial
            parts = sorted(partial.iterdir(), key=lambda path: (path.name == STATE_FILE, path.name))
            for path in parts:
                if path.is_dir():
                    shutil.rmtree(folder / path.name, ignore_errors=True)
                os.replace(path, folder / path.name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def load_state(folder: Path) -> dict[str, Any] | None:
    """The state that ``folder`` holds, if any.

    Raises:
        CheckpointError: it is damaged.
    """
    path = folder / STATE_FILE
    if not path.is_file():
        return None
    try:
        state = dict[str, Any](torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # torch.load raises whatever the damage makes it stumble over
        raise CheckpointError(f"{path} is damaged ({error}). Use another --out.") from error
    return state


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Which settings differ, and what they were, for an error message; empty where none does."""
    old, new = _flat(before), _flat(now)
    return ", ".join(
        f"{name} (was {_short(old.get(name))}, now {_short(new.get(name))})"
        for name in sorted({**old, **new})
        if old.get(name) != new.get(name)
    )


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with those of a nested group as ``group.name``."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        nested = value if isinstance(value, Mapping) else {}
        flat |= {f"{name}.{key}": own for key, own in nested.items()} or {name: value}
    return flat


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
