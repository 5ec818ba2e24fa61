"""Messages as the training loop's objective."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seollem.training.data.corpora import Labelled, read_sides
from seollem.training.measure.multilabel import label_figures, sigmoid
from seollem.training.messages.chat_figures import chat_figures, chat_lines
from seollem.training.messages.config import TextConfig
from seollem.training.messages.network import MessageReader
from seollem.training.messages.side_figures import side_figures
from seollem.training.messages.tasks import Task, batches
from seollem.training.runs.devices import autocast
from seollem.training.runs.loop import Run
from seollem.training.runs.objective import Objective, Part, Stage
from seollem.training.runs.schedule import one_cycle
from seollem.training.towers.layers import parameter_groups

STEPS_BETWEEN_SAVES = 250
CHAT_TASKS = {"chat", "chat_pairs", "sides"}  # after which the lines of chat are measured, too
KOTE_TASKS = {"kote", *CHAT_TASKS}

Batch = tuple[str, NDArray[np.int64]]  # name of a task, and rows of its corpus


@dataclass(slots=True)
class MessageObjective(Objective[Batch]):
    """A message reader on several tasks at once, stage by stage.

    Attributes:
        tasks: builds a task by name; called when a stage needs it, after the stages before.
        held_out: KOTE rows that nothing is learned from.
    """

    config: TextConfig
    reader: MessageReader
    tasks: Callable[[str], Task]
    held_out: Labelled
    data: int
    _planned: dict[str, Task] = field(default_factory=dict)

    max_norm = 1.0

    @property
    def stages(self) -> int:
        return len(self.config.stages)

    @property
    def module(self) -> nn.Module:
        return self.reader

    def stage(self, number: int) -> Stage[Batch]:
        stage = self.config.stages[number]
        self._planned = {name: self.tasks(name) for name in stage.rows}
        plan = self._plan(number, self._planned)
        return Stage(
            stage.name,
            len(plan),
            interval=STEPS_BETWEEN_SAVES,
            rate=stage.rate,
            schedule=partial(one_cycle, steps=len(plan)),
            batches=lambda first, last: plan[first:last],
        )

    def parameter_groups(self, stage: int) -> list[dict[str, Any]]:
        return parameter_groups(
            self.reader,
            "tower.encoder",
            rate=self.config.stages[stage].rate,
            layer_decay=self.config.layer_decay,
            weight_decay=self.config.weight_decay,
            peak=lambda _: self.config.head_rate,
            spared="embeddings",
        )

    def begin(self, run: Run[Any]) -> None:
        run.learner.train()

    def loss(self, _learner: nn.Module, batch: Batch, _part: Part, seed: int) -> Tensor:
        name, rows = batch
        device = next(self.reader.parameters()).device
        with autocast(device, bfloat16=self.config.bfloat16):
            return self._planned[name].loss(
                self.reader,
                rows,
                random.Random(seed),  # noqa: S311  no secret
            )

    def close(
        self, run: Run[Any], losses: Sequence[tuple[Batch, float]], _folder: Path
    ) -> dict[str, Any]:
        stage = self.config.stages[run.stage]
        by_task: dict[str, list[float]] = {}
        for (name, _), loss in losses:
            by_task.setdefault(name, []).append(loss)
        figures: dict[str, Any] = {
            "stage": stage.name,
            "step": run.step,
            "loss": {name: round(float(np.mean(some)), 4) for name, some in by_task.items()},
        }
        if KOTE_TASKS.isdisjoint(stage.rows):
            return figures
        if len(self.held_out):
            probabilities = sigmoid(head_logits(self.reader, self.held_out.texts))
            figures |= label_figures(probabilities, self.held_out.targets)
        if not CHAT_TASKS.isdisjoint(stage.rows):
            for language, lines, kinds in chat_lines("dev"):
                read = sigmoid(head_logits(self.reader, lines))
                figures[f"chat, {language}"] = chat_figures(read, kinds)
            dev = read_sides("dev")
            for language, lines in (("Korean", dev.left), ("English", dev.right)):
                read = sigmoid(head_logits(self.reader, lines))
                figures[f"sides, {language}"] = side_figures(read, dev.affection)
        return figures

    def _plan(self, number: int, tasks: Mapping[str, Task]) -> list[Batch]:
        """A stage's batches, its tasks mixed evenly; the same for the same seed."""
        rng = np.random.default_rng((self.config.seed, number))
        plan = [
            (name, rows)
            for name, count in self.config.stages[number].rows.items()
            for rows in batches(tasks[name], count, rng)
        ]
        return [plan[i] for i in rng.permutation(len(plan))]


MessageRun = Run[MessageObjective]


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
