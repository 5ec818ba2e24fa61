"""One run of a message reader: its stages, its steps, and what it leaves on disk."""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from seollem.training.data.corpora import Labelled
from seollem.training.errors import CheckpointError, DivergedError
from seollem.training.files.disk import replacing_file
from seollem.training.files.locks import alone_in
from seollem.training.measure.multilabel import label_figures, sigmoid
from seollem.training.messages.chat_figures import chat_figures, chat_lines
from seollem.training.messages.config import Stage, TextConfig
from seollem.training.messages.network import MessageReader
from seollem.training.messages.tasks import Task, batches
from seollem.training.runs.devices import has_bfloat16
from seollem.training.runs.folder import SETTINGS_FILE, STATE_FILE
from seollem.training.runs.schedule import Average, one_cycle
from seollem.training.towers.layers import stage_numbers

METRICS_FILE = "metrics.jsonl"
ENCODER = "tower.encoder."  # within a reader
LARGEST_GRADIENT = 1.0  # norm; larger ones are scaled down
STEPS_BETWEEN_SAVES = 250
CHAT_TASKS = {"chat", "chat_pairs"}  # after which the lines of chat are measured, too
KOTE_TASKS = {"kote", *CHAT_TASKS}

Batch = tuple[str, NDArray[np.int64]]


@dataclass(slots=True)
class TextRun:
    """Reader, tasks and average, and the stage and step that were reached.

    The folder ``out`` holds the state from which an interrupted run goes on to the same weights as
    an uninterrupted one, saved every 250 steps, and the figures on the held-out rows.

    Attributes:
        tasks: builds a task by name; called when a stage needs it, after the stages before.
        held_out: KOTE rows that nothing is learned from.
        data: a checksum of KOTE's rows, which must not change while a run is continued.
    """

    config: TextConfig
    out: Path
    reader: MessageReader
    average: Average
    tasks: Callable[[str], Task]
    held_out: Labelled
    device: torch.device
    data: int
    stage: int = 0
    step: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    _optimizer_state: dict[str, Any] | None = None

    def train(self) -> None:
        """Train to the end of the last stage.

        Raises:
            DivergedError: the loss is no longer a number; the last saved state is kept.
            FolderInUse: another run is writing into ``out``.
        """
        with alone_in(self.out):
            with replacing_file(self.out / SETTINGS_FILE) as path:
                path.write_text(json.dumps(self.config.as_dict(), indent=2) + "\n", "utf-8")
            while self.stage < len(self.config.stages):
                self._stage(self.config.stages[self.stage])

    def resume(self) -> None:
        """Go on from the state that ``out`` holds, where it holds one.

        Raises:
            CheckpointError: the state is damaged, or of a run with other settings or texts.
        """
        path = self.out / STATE_FILE
        if not path.is_file():
            return
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            is_same = state["config"] == self._settings()
        except Exception as error:  # torch.load raises whatever the damage makes it stumble over
            raise CheckpointError(f"{path} is damaged ({error}). Use another --out.") from error
        if not is_same:
            raise CheckpointError(
                f"{self.out} holds a run with other settings or comments. Use another --out."
            )
        try:
            self.reader.load_state_dict(state["reader"])
            self.average.load(state["average"], state["updates"])
            self._optimizer_state = state["optimizer"]
            self.stage, self.step, self.history = state["stage"], state["step"], state["history"]
        except (KeyError, RuntimeError) as error:
            raise CheckpointError(
                f"{path} is of another encoder ({error}). Use another --out."
            ) from error

    def _stage(self, stage: Stage) -> None:
        tasks = {name: self.tasks(name) for name in stage.rows}
        plan = self._plan(stage, tasks)
        optimizer = torch.optim.AdamW(list(parameter_groups(self.reader, self.config, stage)))
        if self._optimizer_state is not None:
            optimizer.load_state_dict(self._optimizer_state)
            self._optimizer_state = None
        started, losses = time.monotonic(), dict[str, list[float]]()
        todo = plan[self.step :]
        for name, rows in tqdm(todo, desc=stage.name, initial=self.step, total=len(plan)):
            loss = self._step(optimizer, tasks[name], rows, len(plan))
            losses.setdefault(name, []).append(loss)
            if self.step % STEPS_BETWEEN_SAVES == 0 and self.step < len(plan):
                tqdm.write(json.dumps(self._figures(stage, losses, started)))
                self._save(optimizer)
        with torch.no_grad():
            self.reader.load_state_dict(self.average.state)  # the next stage starts from it
        self.history.append(self._figures(stage, losses, started))
        tqdm.write(json.dumps(self.history[-1]))
        self.stage, self.step, self.average.updates = self.stage + 1, 0, 0
        self._save(None)

    def _plan(self, stage: Stage, tasks: Mapping[str, Task]) -> list[Batch]:
        """The stage's batches, those of its tasks mixed evenly; the same for the same seed."""
        rng = np.random.default_rng((self.config.seed, self.stage))
        plan = [
            (name, rows)
            for name, count in stage.rows.items()
            for rows in batches(tasks[name], count, rng)
        ]
        return [plan[i] for i in rng.permutation(len(plan))]

    def _step(
        self,
        optimizer: torch.optim.Optimizer,
        task: Task,
        rows: NDArray[np.int64],
        steps: int,
    ) -> float:
        seed = (self.config.seed + self.stage) * 1_000_003 + self.step
        torch.manual_seed(seed)  # dropout's
        share = one_cycle(self.step, steps)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * share
        self.reader.train()
        lower = self.config.bfloat16 and has_bfloat16(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=lower):
            loss = task.loss(self.reader, rows, random.Random(seed))  # noqa: S311  no secret
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.reader.parameters(), LARGEST_GRADIENT)
        if not (torch.isfinite(loss) and torch.isfinite(norm)):
            raise DivergedError(
                f"The loss is {loss.item()} at step {self.step}, its gradient's norm {norm:.3g}. "
                "The last saved state is kept; start again in another folder with a lower rate."
            )
        optimizer.step()
        self.average.update(self.reader)
        self.step += 1
        return float(loss.detach())

    def _figures(
        self, stage: Stage, losses: Mapping[str, list[float]], started: float
    ) -> dict[str, Any]:
        figures: dict[str, Any] = {
            "stage": stage.name,
            "step": self.step,
            "seconds": round(time.monotonic() - started),
            "loss": {name: round(float(np.mean(some[-100:])), 4) for name, some in losses.items()},
        }
        if KOTE_TASKS.isdisjoint(stage.rows):
            return figures
        with self.average.applied_to(self.reader):
            if len(self.held_out):
                probabilities = sigmoid(head_logits(self.reader, self.held_out.texts))
                figures |= label_figures(probabilities, self.held_out.targets)
            if not CHAT_TASKS.isdisjoint(stage.rows):
                for language, lines, kinds in chat_lines("dev"):
                    read = sigmoid(head_logits(self.reader, lines))
                    figures[f"chat, {language}"] = chat_figures(read, kinds)
        return figures

    def _save(self, optimizer: torch.optim.Optimizer | None) -> None:
        lines = "".join(json.dumps(metrics) + "\n" for metrics in self.history)
        with replacing_file(self.out / METRICS_FILE) as path:
            path.write_text(lines, "utf-8")
        state = {
            "config": self._settings(),
            "stage": self.stage,
            "step": self.step,
            "history": self.history,
            "reader": self.reader.state_dict(),
            "average": self.average.state,
            "updates": self.average.updates,
            "optimizer": optimizer.state_dict() if optimizer else None,
        }
        with replacing_file(self.out / STATE_FILE) as path:
            torch.save(state, path)

    def _settings(self) -> str:
        return json.dumps(self.config.as_dict() | {"data": self.data}, sort_keys=True)


@torch.inference_mode()
def head_logits(
    reader: MessageReader, texts: tuple[str, ...], head: str = "kote", batch_size: int = 64
) -> NDArray[np.float32]:
    """Logits (N, labels of the head), float32, without dropout."""
    device = next(reader.parameters()).device
    vectors = torch.from_numpy(sentence_vectors(reader, texts, batch_size))
    return np.asarray(reader.logits(vectors.to(device), head).cpu().numpy())


@torch.inference_mode()
def sentence_vectors(
    reader: MessageReader, texts: tuple[str, ...], batch_size: int = 64
) -> NDArray[np.float32]:
    """Unit vectors (N, hidden size), float32, without dropout."""
    reader.eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    read = [
        reader([texts[i] for i in order[start : start + batch_size]]).cpu().numpy()
        for start in range(0, len(order), batch_size)
    ]
    return np.concatenate(read)[np.argsort(order)]


def parameter_groups(
    reader: MessageReader, config: TextConfig, stage: Stage
) -> Iterator[dict[str, Any]]:
    """AdamW's groups: each layer at its own rate, vectors and embeddings without weight decay."""
    numbers = stage_numbers(reader.tower.encoder)
    last = max(numbers.values())
    for name, parameter in reader.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith(ENCODER):
            below = last - numbers[name.removeprefix(ENCODER)]
            peak = stage.rate * config.layer_decay**below
        else:
            peak = config.head_rate
        decays = parameter.ndim > 1 and "embeddings" not in name
        yield {
            "params": [parameter],
            "peak": peak,
            "weight_decay": config.weight_decay if decays else 0.0,
        }
