"""What a run leaves on disk: files that are whole, whenever it is killed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from training.errors import CheckpointError

STATE_FILE = "state.pt"
PARTIAL = ".partial"


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder to write files and folders in; they take their places in ``folder`` at the end.

    Until all of them are whole, ``folder`` keeps what it had. Files move in the order of their
    names, ``state.pt`` last, so that a run that was killed in between does the epoch again.
    """
    partial = folder / PARTIAL
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    for path in sorted(partial.iterdir(), key=lambda path: (path.name == STATE_FILE, path.name)):
        if path.is_dir():
            shutil.rmtree(folder / path.name, ignore_errors=True)
        os.replace(path, folder / path.name)
    partial.rmdir()


def load_state(folder: Path) -> dict[str, Any] | None:
    """The state that ``folder`` holds, if any.

    Raises:
        CheckpointError: it is damaged.
    """
    path = folder / STATE_FILE
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises whatever the damage makes it stumble over
        raise CheckpointError(f"{path} is damaged ({error}). Use another --out.") from error
    return state
