"""The state of a fine-tuning run: all that it needs to continue exactly where it stopped."""

import json
from typing import TYPE_CHECKING, Any

from seollem.training.errors import CheckpointError
from seollem.training.finetune.config import SOURCES
from seollem.training.runs.folder import STATE_FILE

if TYPE_CHECKING:
    from seollem.training.finetune.run import Run


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
