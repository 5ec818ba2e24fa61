"""A run's state on disk: all that it needs to continue to the same weights."""

import json
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from seollem.training.errors import CheckpointError
from seollem.training.runs.folder import STATE_FILE, differences

if TYPE_CHECKING:
    from seollem.training.runs.loop import Run

# What runs of messages called them before they shared the loop of faces.
FORMER_NAMES = {"config": "settings", "reader": "objective"}


def state_of(run: "Run[Any]", *, ends_stage: bool) -> dict[str, Any]:
    """The state to save; batches and random numbers follow from its stage and step."""
    return {
        "settings": _identity(run),
        "stage": run.stage + ends_stage,
        "step": 0 if ends_stage else run.step,
        "history": run.history,
        "objective": run.objective.module.state_dict(),
        "average": run.average.state,
        "updates": run.average.updates,
        "optimizer": run.optimizer.state_dict(),
    }


def restore(run: "Run[Any]", state: dict[str, Any]) -> None:
    """Put a new run into a stored state.

    Raises:
        CheckpointError: it is of other settings or data, or of another architecture.
    """
    state = {FORMER_NAMES.get(name, name): value for name, value in state.items()}
    changed = differences(json.loads(state.get("settings", "{}")), json.loads(_identity(run)))
    if changed:
        raise CheckpointError(
            f"{run.out} holds a run with other settings or data: {changed}. Use another --out."
        )
    try:
        run.objective.module.load_state_dict(state["objective"])
        run.average.load(state["average"], state["updates"])
        run.stage, run.step = state.get("stage", 0), state["step"]
        run.history = state["history"]
        if run.step:
            run.optimizer = run.new_optimizer()
            load_adamw(run.optimizer, state["optimizer"], run.objective.module)
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"{run.out / STATE_FILE} is of another architecture ({error}). Use another --out."
        ) from error


def load_adamw(optimizer: torch.optim.Optimizer, state: dict[str, Any], module: nn.Module) -> None:
    """Load an optimizer's state dict.

    In former states of messages each trained parameter is a group, in the module's order; they are
    regrouped as the optimizer is.

    Raises:
        KeyError, ValueError: it is of other parameters.
    """
    if len(state["param_groups"]) != len(optimizer.param_groups):
        trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
        if [len(group["params"]) for group in state["param_groups"]] == [1] * len(trained):
            grouped = [p for group in optimizer.param_groups for p in group["params"]]
            number = {id(parameter): i for i, parameter in enumerate(grouped)}
            moments = state["state"]  # by parameter, of those that have had a gradient
            state = {
                "state": {number[id(trained[i])]: own for i, own in moments.items()},
                "param_groups": optimizer.state_dict()["param_groups"],
            }
    optimizer.load_state_dict(state)


def _identity(run: "Run[Any]") -> str:
    """What must be the same where a run is continued, as JSON."""
    return json.dumps(run.objective.settings | {"data": run.objective.data}, sort_keys=True)
