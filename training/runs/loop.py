"""The training loop of faces and messages: steps, saves, resumes."""

import json
import math
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import torch
from tqdm import tqdm

from seollem.training.errors import DivergedError
from seollem.training.files.disk import replacing_file, require_space
from seollem.training.files.locks import alone_in
from seollem.training.runs.folder import (
    METRICS_FILE,
    SETTINGS_FILE,
    STATE_FILE,
    load_state,
    replacing,
)
from seollem.training.runs.logs import Log
from seollem.training.runs.objective import Objective, Part, Stage
from seollem.training.runs.schedule import Average
from seollem.training.runs.state import restore, state_of

if TYPE_CHECKING:
    from accelerate import Accelerator

AnyObjective = TypeVar("AnyObjective", bound=Objective[Any])

# Bytes on disk, in units of the module's: start, end, and a state with average and two moments;
# twice while saving.
COPIES = 12
SEED_STRIDE = 1_000_003  # steps to the next seed


class Run(Generic[AnyObjective]):
    """A module in training, in a folder of its own.

    At every save ``out`` receives the figures so far, the weights, and a state from which a
    stopped run continues to the same weights as an uninterrupted one. Every stage after the first
    starts from the averaged weights of the one before.

    Attributes:
        learner: the objective's module as Accelerate wraps it.
        average: moving average of the module's weights.
        stage: number of the current stage; the number of stages once all are trained.
        step: number of the next step within the stage.
        history: figures of every save.
        log: receives loss and rate of every step, in the main process.
        optimizer: of the current stage, from its first step on.

    Raises:
        CheckpointError: ``out`` holds a damaged state, or one of other settings or data.
        NoSpace: the disk is too small for the run.
    """

    def __init__(self, objective: AnyObjective, out: Path, accelerator: "Accelerator") -> None:
        self.objective = objective
        self.out = out
        self.accelerator = accelerator
        self.learner = accelerator.prepare(objective.module)
        self.average = Average(objective.module, objective.config.average)
        self.stage = self.step = 0
        self.history: list[dict[str, Any]] = []
        self.log: Log | None = None
        self.optimizer: torch.optim.Optimizer
        state = load_state(out)
        if state is None:
            size = sum(parameter.nbytes for parameter in objective.module.parameters())
            require_space(out, size * COPIES)
        else:
            restore(self, state)

    @property
    def is_finished(self) -> bool:
        return self.stage == self.objective.stages

    def train(self) -> None:
        """Train to the end.

        Raises:
            DivergedError: the loss or its gradient is not finite; the last save is kept.
            FolderInUse: another command writes into ``out``.
        """
        for _ in self.saves():
            pass

    def saves(self) -> Generator[dict[str, Any], None, None]:
        """Train on, and yield the figures of every save; raises as ``train`` does."""
        is_main = self.accelerator.is_main_process
        with alone_in(self.out) if is_main else nullcontext():
            if is_main:
                with replacing_file(self.out / SETTINGS_FILE) as path:
                    path.write_text(json.dumps(self.objective.settings, indent=2) + "\n", "utf-8")
            while not self.is_finished:
                yield from self._train_stage()

    def _train_stage(self) -> Iterator[dict[str, Any]]:
        if self.stage and not self.step:
            self.objective.module.load_state_dict(self.average.state)
            self.average.updates = 0
        if not self.step:
            self.optimizer = self.new_optimizer()
        stage = self.objective.stage(self.stage)
        while self.step < stage.steps:
            started = time.monotonic()
            losses = self._train_interval(stage)
            if self.accelerator.is_main_process:
                self._save(stage, losses, time.monotonic() - started)
            self.accelerator.wait_for_everyone()
            yield self.history[-1] if self.history else {}
        self.stage, self.step = self.stage + 1, 0

    def _train_interval(self, stage: Stage[Any]) -> list[tuple[Any, float]]:
        """Train up to the next save; returns every batch with its loss."""
        self.objective.begin(self)
        number = self.step // stage.interval
        last = min(stage.steps, (number + 1) * stage.interval)
        losses = []
        bar = tqdm(
            stage.batches(self.step, last),
            total=last - self.step,
            desc=f"{stage.name} {number + 1}/{math.ceil(stage.steps / stage.interval)}",
            mininterval=2,
            disable=not self.accelerator.is_main_process,
        )
        for batch in bar:
            loss = self._train_step(stage, batch)
            losses.append((batch, loss))
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        return losses

    def _train_step(self, stage: Stage[Any], batch: Any) -> float:
        """One optimizer step on a batch, which all processes share; returns its loss."""
        objective, accelerator = self.objective, self.accelerator
        share = stage.schedule(self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        processes, last = accelerator.num_processes, objective.accumulate - 1
        parts = processes * objective.accumulate
        self.optimizer.zero_grad(set_to_none=True)
        total = torch.zeros((), device=accelerator.device)
        for turn in range(objective.accumulate):
            part = Part(turn * processes + accelerator.process_index, parts)
            first = (objective.config.seed + self.stage) * SEED_STRIDE + self.step
            seed = first * parts + part.index
            with accelerator.no_sync(self.learner) if turn < last else nullcontext():
                torch.manual_seed(seed)  # dropout's
                loss = objective.loss(self.learner, batch, part, seed)
                accelerator.backward(loss * processes)  # gradients are averaged over processes
            total += loss.detach()
        total = accelerator.reduce(total, reduction="sum")
        norm = accelerator.clip_grad_norm_(self.learner.parameters(), objective.max_norm)
        if not (torch.isfinite(total) and torch.isfinite(norm)):
            raise DivergedError(
                f"The loss is {total.item()} at step {self.step}, its gradient's norm {norm:.3g}. "
                "The last save is kept; start again in another folder with a lower rate."
            )
        self.optimizer.step()
        self.average.update(objective.module)
        self.step += 1
        if self.log:
            self.log.add(self.step, {"loss": float(total), "rate": share * stage.rate})
        return float(total)

    def _save(self, stage: Stage[Any], losses: Sequence[tuple[Any, float]], seconds: float) -> None:
        """Measure the averaged weights, and save everything."""
        with replacing(self.out) as folder:
            with self.average.applied_to(self.objective.module):
                figures = self.objective.close(self, losses, folder)
            figures["seconds"] = round(seconds, 1)
            self.history.append(figures)
            lines = "".join(json.dumps(line) + "\n" for line in self.history)
            (folder / METRICS_FILE).write_text(lines, "utf-8")
            torch.save(state_of(self, ends_stage=self.step == stage.steps), folder / STATE_FILE)
        if self.log:
            numbers = {k: v for k, v in figures.items() if isinstance(v, int | float)}
            self.log.add(self.step, {f"validation/{k}": v for k, v in numbers.items()})
            self.log.flush()
        tqdm.write(json.dumps(figures))

    def new_optimizer(self) -> torch.optim.Optimizer:
        """AdamW for the current stage."""
        groups = self.objective.parameter_groups(self.stage)
        optimizer: torch.optim.Optimizer = self.accelerator.prepare(torch.optim.AdamW(groups))
        return optimizer
