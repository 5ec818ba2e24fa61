"""The training loop with a small objective of two stages: a line is fitted to points."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seollem.training.errors import CheckpointError, DivergedError, FolderInUse
from seollem.training.files.locks import alone_in
from seollem.training.runs.devices import accelerator
from seollem.training.runs.folder import METRICS_FILE, SETTINGS_FILE, load_state
from seollem.training.runs.loop import Run
from seollem.training.runs.objective import Objective, Part, Stage

STAGES, STEPS, INTERVAL = 2, 5, 2


@dataclass(frozen=True)
class LineSettings:
    rate: float = 0.1
    average: float = 0.9
    seed: int = 3

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(1, 1)


@dataclass
class Line(Objective[Tensor]):
    """Batches of points x, to be mapped to 2x; dropout's random numbers are part of the loss."""

    config: LineSettings = field(default_factory=LineSettings)
    network: nn.Linear = field(default_factory=line)
    data: int = 7
    max_norm: float = 1.0

    @property
    def module(self) -> nn.Module:
        return self.network

    @property
    def stages(self) -> int:
        return STAGES

    def stage(self, number: int, /) -> Stage[Tensor]:
        points = torch.arange(1.0, 1.0 + STEPS) + number
        return Stage(
            f"stage {number}",
            STEPS,
            interval=INTERVAL,
            rate=self.config.rate,
            schedule=lambda step: 1 - step / STEPS,
            batches=lambda first, last: points[first:last, None, None],
        )

    def parameter_groups(self, _: int, /) -> list[dict[str, Any]]:
        return [{"params": list(self.network.parameters()), "peak": self.config.rate}]

    def begin(self, run: Run[Any], /) -> None:
        run.learner.train()

    def loss(self, learner: nn.Module, batch: Tensor, _part: Part, _seed: int, /) -> Tensor:
        noise = torch.randn(()) * 0.1
        loss: Tensor = (learner(batch) - 2 * batch + noise).square().mean()
        return loss

    def close(
        self, run: Run[Any], losses: Sequence[tuple[Tensor, float]], _folder: Path, /
    ) -> dict[str, Any]:
        return {"stage": run.stage, "step": run.step, "batches": len(losses)}


def run_in(folder: Path, **settings: Any) -> Run[Line]:
    return Run(Line(LineSettings(**settings)), folder, accelerator())


def weights(run: Run[Line]) -> list[float]:
    return [value.item() for value in run.average.state.values()]


def test_a_run_saves_at_every_interval_and_at_the_end_of_every_stage(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    saved = [(figures["stage"], figures["step"], figures["batches"]) for figures in run.saves()]
    assert saved == [(0, 2, 2), (0, 4, 2), (0, 5, 1), (1, 2, 2), (1, 4, 2), (1, 5, 1)]
    assert run.is_finished
    lines = (tmp_path / METRICS_FILE).read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == run.history
    assert json.loads((tmp_path / SETTINGS_FILE).read_text("utf-8")) == asdict(LineSettings())


@pytest.mark.parametrize("saves", range(1, 7))
def test_a_run_stopped_after_any_save_ends_with_the_same_weights(
    saves: int, tmp_path: Path
) -> None:
    whole = run_in(tmp_path / "whole")
    whole.train()
    stopped = run_in(tmp_path / "stopped").saves()
    for _ in range(saves):
        next(stopped)
    stopped.close()
    again = run_in(tmp_path / "stopped")
    assert len(again.history) == saves
    again.train()
    assert weights(again) == weights(whole)
    assert len(again.history) == 6
    assert run_in(tmp_path / "stopped").is_finished


def test_a_stage_starts_from_the_average_of_the_one_before(tmp_path: Path) -> None:
    run = run_in(tmp_path, rate=0.5)
    saves = run.saves()
    for _ in range(3):
        next(saves)
    trained, averaged = run.objective.network.weight.item(), weights(run)[0]
    assert trained != averaged
    begun: list[float] = []
    run.objective.begin = lambda run: begun.append(run.objective.network.weight.item())  # type: ignore[method-assign]
    next(saves)
    assert begun == [averaged]


def test_a_stage_has_an_optimizer_of_its_own(tmp_path: Path) -> None:
    saves = run_in(tmp_path).saves()
    for _ in range(4):
        next(saves)
    state = load_state(tmp_path)
    assert state is not None
    assert (state["stage"], state["step"]) == (1, 2)
    assert {moments["step"].item() for moments in state["optimizer"]["state"].values()} == {2.0}


def test_other_settings_and_other_data_are_named(tmp_path: Path) -> None:
    run_in(tmp_path).train()
    with pytest.raises(CheckpointError, match=r"other settings or data: seed \(was 3, now 4\)\."):
        run_in(tmp_path, seed=4)
    with pytest.raises(CheckpointError, match=r"data \(was 7, now 8\)"):
        Run(Line(data=8), tmp_path, accelerator())


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_save(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    saves = run.saves()
    next(saves)
    with torch.no_grad():
        run.objective.network.weight.fill_(float("inf"))
    with pytest.raises(DivergedError, match="step 2"):
        next(saves)
    assert run_in(tmp_path).step == 2


def test_two_commands_do_not_train_in_one_folder(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    with alone_in(tmp_path), pytest.raises(FolderInUse):
        run.train()
