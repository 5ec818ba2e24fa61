"""Faces as the training loop's objective."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from seollem.training.data.faces import FaceSet
from seollem.training.finetune.config import SOURCES, FinetuneConfig
from seollem.training.finetune.examples import Examples
from seollem.training.finetune.loss import ImageTextLoss
from seollem.training.finetune.sampler import BalancedBatches
from seollem.training.finetune.validation import validate
from seollem.training.runs.folder import replacing
from seollem.training.runs.loop import Run
from seollem.training.runs.objective import Objective, Part, Stage
from seollem.training.runs.schedule import one_cycle
from seollem.training.towers.layers import freeze, parameter_groups, stage_count
from seollem.training.towers.vocabulary import TrainedPhrasings, build_label_space
from seollem.vision.checkpoints import without_progress_bars
from seollem.vision.classifier import TEXT_FOLDER
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP

START_FILE = "start.safetensors"

Rows = NDArray[np.int64]


@dataclass(slots=True)
class FaceObjective(Objective[Rows]):
    """An EmotionCLIP on labelled faces, validated and saved after every epoch.

    All epochs are one stage: the optimizer goes on when the image tower starts to learn after
    ``head_epochs``.

    Attributes:
        criterion: the model inside its loss.
        label_space: of the text tower as it is now.
        sources: names of what the run starts from.
    """

    config: FinetuneConfig
    criterion: ImageTextLoss
    examples: Examples
    validation: FaceSet
    batches: BalancedBatches
    label_space: LabelSpace
    data: int
    sources: dict[str, Any]

    max_norm = 5.0

    @property
    def stages(self) -> int:
        return 1

    @property
    def accumulate(self) -> int:
        return self.config.accumulate

    @property
    def settings(self) -> dict[str, Any]:
        return self.config.as_dict() | {SOURCES: self.sources}

    @property
    def module(self) -> nn.Module:
        return self.criterion

    @property
    def model(self) -> EmotionCLIP:
        return self.criterion.model

    @property
    def steps_per_epoch(self) -> int:
        return max(1, len(self.examples) // self.config.batch_size)

    @property
    def head_steps(self) -> int:
        """Steps in which the image tower is frozen and the heads learn."""
        return self.steps_per_epoch * self.config.head_epochs

    def stage(self, _: int) -> Stage[Rows]:
        steps = self.steps_per_epoch * self.config.epochs
        return Stage(
            "epoch",
            steps,
            interval=self.steps_per_epoch,
            rate=self.config.rate,
            schedule=partial(self._schedule, steps),
            batches=self.batches.batches,
        )

    def parameter_groups(self, _: int) -> Iterable[dict[str, Any]]:
        def peak(name: str) -> float:
            is_text = name.startswith("phrasings.")
            return self.config.text_rate if is_text else self.config.head_rate

        return parameter_groups(
            self.criterion,
            "model.image_tower",
            rate=self.config.rate,
            layer_decay=self.config.layer_decay,
            weight_decay=self.config.weight_decay,
            peak=peak,
        )

    def begin(self, run: Run[Any]) -> None:
        if run.step == self.head_steps and run.accelerator.is_main_process:
            self._save_start(run)
        is_head_epoch = run.step < self.head_steps
        freeze(self.model, stage_count(self.model) if is_head_epoch else self.config.freeze)
        run.learner.train()
        phrasings = self.criterion.phrasings
        if isinstance(phrasings, TrainedPhrasings):
            phrasings.recentre()
            if self.criterion.related is not None:
                self.criterion.related.refresh(build_label_space(phrasings.frozen_tower()))

    def loss(self, learner: nn.Module, batch: Rows, part: Part, seed: int) -> Tensor:
        rows = batch[part.index :: part.count]
        pixels, targets = self.examples(rows, seed)
        loss: Tensor = learner(pixels, targets, seed) * (len(rows) / len(batch))
        return loss

    def close(
        self, run: Run[Any], losses: Sequence[tuple[Rows, float]], folder: Path
    ) -> dict[str, Any]:
        phrasings = self.criterion.phrasings
        if isinstance(phrasings, TrainedPhrasings):
            tower = phrasings.frozen_tower()
            self.label_space = build_label_space(tower)
            (folder / TEXT_FOLDER).mkdir()
            tower.save_reading(folder / TEXT_FOLDER)
            with without_progress_bars():
                tower.encoder.save_pretrained(folder / TEXT_FOLDER)
        figures = validate(self.model, self.label_space, self.validation)
        with without_progress_bars():
            self.model.save_pretrained(folder)
        self.label_space.save(folder)
        epoch = run.step // self.steps_per_epoch
        mean = sum(loss for _, loss in losses) / len(losses)
        return {"epoch": epoch, "loss": round(mean, 4), **figures}

    def _schedule(self, steps: int, step: int) -> float:
        """A cycle for the heads, then one for all."""
        if step < self.head_steps:
            return one_cycle(step, self.head_steps)
        return one_cycle(step - self.head_steps, steps - self.head_steps)

    def _save_start(self, run: Run[Any]) -> None:
        """Save the weights from which the image tower starts to learn, for wise-ft."""
        start = {
            name.removeprefix("model."): tensor.contiguous()
            for name, tensor in run.average.state.items()
            if name.startswith("model.")
        }
        with replacing(run.out) as folder:
            save_file(start, folder / START_FILE)
