"""One fine-tuning run: its steps, its epochs, and what it leaves on disk."""

import json
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn
from tqdm import tqdm

from seollem.training.data.faces import FaceSet
from seollem.training.errors import DivergedError
from seollem.training.files.disk import replacing_file
from seollem.training.files.locks import alone_in
from seollem.training.finetune.config import SOURCES, FinetuneConfig
from seollem.training.finetune.examples import Examples
from seollem.training.finetune.objective import Objective
from seollem.training.finetune.sampler import BalancedBatches
from seollem.training.finetune.saving import restore, state_of
from seollem.training.finetune.validation import validate
from seollem.training.runs.folder import SETTINGS_FILE, STATE_FILE, load_state, replacing
from seollem.training.runs.logs import Log
from seollem.training.runs.schedule import Average, one_cycle
from seollem.training.towers.layers import freeze, stage_count
from seollem.training.towers.vocabulary import TrainedPhrasings, build_label_space
from seollem.vision.checkpoints import without_progress_bars
from seollem.vision.classifier import TEXT_FOLDER
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP

if TYPE_CHECKING:
    from accelerate import Accelerator

METRICS_FILE = "metrics.jsonl"
START_FILE = "start.safetensors"
LARGEST_GRADIENT = 5.0  # norm; larger ones are scaled down


@dataclass(slots=True)
class Run:
    """Model, data, optimizer and average, and the step that was reached.

    After every epoch the folder ``out`` holds the averaged weights (a checkpoint of EmotionCLIP
    with its label vectors), the metrics so far, and the state from which an interrupted run goes
    on to the same weights as an uninterrupted one.

    Attributes:
        objective: the model inside its loss.
        learner: the objective as the accelerator runs it, perhaps on several devices.
        label_space: of the text tower as it is now.
        log: of the main process, where one is wanted.
        data: a checksum of the rows, which must not change while a run is continued.
        sources: what the run starts from, by names; nor must they.
    """

    config: FinetuneConfig
    out: Path
    objective: Objective
    learner: nn.Module
    average: Average
    optimizer: torch.optim.Optimizer
    accelerator: "Accelerator"
    examples: Examples
    validation: FaceSet
    batches: BalancedBatches
    label_space: LabelSpace
    data: int
    sources: dict[str, Any]
    log: Log | None = None
    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def model(self) -> EmotionCLIP:
        return self.objective.model

    @property
    def steps_per_epoch(self) -> int:
        return max(1, len(self.examples) // self.config.batch_size)

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.config.epochs

    @property
    def rest(self) -> int:
        """Steps in which the image tower rests."""
        return self.steps_per_epoch * self.config.head_epochs

    def train(self) -> None:
        """Train to the end.

        Raises:
            DivergedError: the loss is no longer a number; the last good epoch is kept.
        """
        for _ in self.epochs():
            pass

    def epochs(self) -> Iterator[dict[str, float]]:
        """Train epoch by epoch; yields each one's figures once it is saved.

        Raises:
            DivergedError: see ``train``.
            FolderInUse: another run is writing into ``out``.
        """
        with alone_in(self.out) if self.accelerator.is_main_process else nullcontext():
            yield from self._epochs()

    def _epochs(self) -> Iterator[dict[str, float]]:
        if self.accelerator.is_main_process:
            with replacing_file(self.out / SETTINGS_FILE) as path:
                record = json.dumps(self.config.as_dict() | {SOURCES: self.sources}, indent=2)
                path.write_text(record + "\n", "utf-8")
        while self.step < self.steps:
            started = time.monotonic()
            if self.step == self.rest and self.accelerator.is_main_process:
                self._save_start()
            loss = self._epoch()
            seconds = time.monotonic() - started
            if self.accelerator.is_main_process:
                epoch = self.step // self.steps_per_epoch
                self._close({"epoch": epoch, "loss": round(loss, 4), "seconds": round(seconds, 1)})
            self.accelerator.wait_for_everyone()
            yield self.history[-1] if self.history else {}

    def resume(self) -> None:
        """Go on from the state that ``out`` holds, where it holds one.

        Raises:
            CheckpointError: the state is damaged, or of a run with other settings.
        """
        state = load_state(self.out)
        if state is not None:
            restore(self, state)

    def _epoch(self) -> float:
        stages = stage_count(self.model) if self.step < self.rest else self.config.freeze
        freeze(self.model, stages)
        self.learner.train()
        if isinstance(self.objective.phrasings, TrainedPhrasings):
            self.objective.phrasings.recentre()
            if self.objective.related is not None:
                tower = self.objective.phrasings.still_tower()
                self.objective.related.refresh(build_label_space(tower))
        first = self.step
        last = min(self.steps, first - first % self.steps_per_epoch + self.steps_per_epoch)
        total = 0.0
        bar = tqdm(
            self.batches.batches(first, last),
            total=last - first,
            desc=f"epoch {first // self.steps_per_epoch + 1}/{self.config.epochs}",
            mininterval=2,
            disable=not self.accelerator.is_main_process,
        )
        for rows in bar:
            loss = self._step(rows)
            total += loss
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        return total / (last - first)

    def _step(self, rows: NDArray[np.int64]) -> float:
        """One step on the rows of all processes: each passes every ``parts``-th in turn."""
        share = self._rate(self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        processes, last = self.accelerator.num_processes, self.config.accumulate - 1
        parts = processes * self.config.accumulate
        self.optimizer.zero_grad(set_to_none=True)
        total = torch.zeros((), device=self.accelerator.device)
        for turn in range(self.config.accumulate):
            part = turn * processes + self.accelerator.process_index
            own = rows[part::parts]
            seed = (self.config.seed * 1_000_003 + self.step) * parts + part
            with self.accelerator.no_sync(self.learner) if turn < last else nullcontext():
                pixels, targets = self.examples(own, seed)
                torch.manual_seed(seed)  # dropout's
                loss = self.learner(pixels, targets, seed) * (len(own) / len(rows))
                self.accelerator.backward(loss * processes)  # which are averaged over
            total += loss.detach()
        total = self.accelerator.reduce(total, reduction="sum")
        norm = self.accelerator.clip_grad_norm_(self.learner.parameters(), LARGEST_GRADIENT)
        if not (torch.isfinite(total) and torch.isfinite(norm)):
            raise DivergedError(
                f"The loss is {total.item()} at step {self.step}, its gradient's norm {norm:.3g}. "
                "The last epoch's state is kept; start again in another folder with a lower rate."
            )
        self.optimizer.step()
        self.average.update(self.objective)
        self.step += 1
        if self.log:
            self.log.add(self.step, {"loss": float(total), "rate": share * self.config.rate})
        return float(total)

    def _rate(self, step: int) -> float:
        """The learning rate as a share of its peak: a cycle for the heads, then one for all."""
        if step < self.rest:
            return one_cycle(step, self.rest)
        return one_cycle(step - self.rest, self.steps - self.rest)

    def _close(self, figures: dict[str, float]) -> None:
        """Validate the averaged weights, and save everything."""
        with replacing(self.out) as folder:
            with self.average.applied_to(self.objective):
                phrasings = self.objective.phrasings
                if isinstance(phrasings, TrainedPhrasings):
                    tower = phrasings.still_tower()
                    self.label_space = build_label_space(tower)
                    (folder / TEXT_FOLDER).mkdir()
                    tower.save_reading(folder / TEXT_FOLDER)
                    with without_progress_bars():
                        tower.encoder.save_pretrained(folder / TEXT_FOLDER)
                figures |= validate(self.model, self.label_space, self.validation)
                with without_progress_bars():
                    self.model.save_pretrained(folder)
            self.history.append(figures)
            self.label_space.save(folder)
            lines = "".join(json.dumps(metrics) + "\n" for metrics in self.history)
            (folder / METRICS_FILE).write_text(lines, "utf-8")
            torch.save(state_of(self), folder / STATE_FILE)
        if self.log:
            self.log.add(self.step, {f"validation/{k}": v for k, v in figures.items()})
            self.log.flush()
        tqdm.write(json.dumps(figures))

    def _save_start(self) -> None:
        """Keep the weights from which the image tower starts to move; wise-ft goes back to them."""
        start = {
            name.removeprefix("model."): tensor.contiguous()
            for name, tensor in self.average.state.items()
            if name.startswith("model.")
        }
        with replacing(self.out) as folder:
            save_file(start, folder / START_FILE)
