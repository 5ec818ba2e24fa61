"""What a run leaves on disk: files that are whole, whenever it is killed."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from training.config import SOURCES
from training.disk import writing
from training.errors import CheckpointError

if TYPE_CHECKING:
    from training.run import Run

SETTINGS_FILE = "settings.json"
STATE_FILE = "state.pt"
PARTIAL = ".partial"


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder to write files and folders in; they take their places in ``folder`` at the end.

    Until all of them are whole, ``folder`` keeps what it had. Files move in the order of their
    names, ``state.pt`` last, so that a run that was killed in between does the epoch again.

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


def state_of(run: "Run") -> dict[str, Any]:
    """All that a run needs to go on exactly; batches and noise follow from the step."""
    return {
        "settings": _settings(run),
        "step": run.step,
        "history": run.history,
        "objective": run.objective.state_dict(),
        "average": run.average.state,
        "updates": run.average.updates,
        "optimizer": run.optimizer.state_dict(),
    }


def restore(run: "Run", state: dict[str, Any]) -> None:
    """Put a run where ``state_of`` found it.

    Raises:
        CheckpointError: it is of a run with other settings, data or sources, or of another
            architecture.
    """
    if state.get("settings") != _settings(run):
        raise CheckpointError(
            f"{run.out} holds a run with other settings, data, backbone, encoder or teachers. "
            "Use another --out."
        )
    try:
        run.objective.load_state_dict(state["objective"])
        run.optimizer.load_state_dict(state["optimizer"])
        run.average.load(state["average"], state["updates"])
        run.step, run.history = state["step"], state["history"]
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"{run.out / STATE_FILE} is of another architecture ({error}). Use another --out."
        ) from error


def _settings(run: "Run") -> str:
    identity = run.config.as_dict() | {"data": run.data, SOURCES: run.sources}
    return json.dumps(identity, sort_keys=True)
