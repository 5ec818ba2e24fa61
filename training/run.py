"""One fine-tuning run: its steps, its epochs, and what it leaves on disk."""

import json
import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from training.config import FinetuneConfig
from training.errors import CheckpointError, DivergedError
from training.fer2013 import FaceSet
from training.objective import Objective
from training.sampler import BalancedBatches
from training.schedule import Average, one_cycle
from training.transforms import augment
from training.validation import validate
from vision.label_vectors import LabelSpace
from vision.model import EmotionCLIP
from vision.pixels import to_pixels

STATE_FILE = "state.pt"
METRICS_FILE = "metrics.jsonl"
LARGEST_GRADIENT = 5.0  # norm; larger ones are scaled down


@dataclass(slots=True)
class Run:
    """Model, data, optimizer and average, and the step that was reached.

    After every epoch the folder ``out`` holds the averaged weights (a checkpoint of EmotionCLIP
    with its label vectors), the metrics so far, and the state from which an interrupted run goes
    on to the same weights as an uninterrupted one.
    """

    config: FinetuneConfig
    out: Path
    model: EmotionCLIP
    average: Average
    optimizer: torch.optim.Optimizer
    objective: Objective
    faces: FaceSet
    vote_shares: NDArray[np.float32]
    validation: FaceSet
    batches: BalancedBatches
    label_space: LabelSpace
    device: torch.device
    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def steps_per_epoch(self) -> int:
        return max(1, len(self.faces) // self.config.batch_size)

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.config.epochs

    def train(self) -> None:
        """Train to the end.

        Raises:
            DivergedError: the loss is no longer a number; the last good epoch is kept.
        """
        while self.step < self.steps:
            started = time.monotonic()
            loss = self._epoch()
            seconds = time.monotonic() - started
            with self.average.applied_to(self.model):
                figures = validate(self.model, self.label_space, self.validation)
            epoch = self.step // self.steps_per_epoch
            self.history.append(
                {"epoch": epoch, "loss": round(loss, 4), "seconds": round(seconds, 1), **figures}
            )
            tqdm.write(json.dumps(self.history[-1]))
            self._save()

    def resume(self) -> None:
        """Go on from the state that ``out`` holds, where it holds one.

        Raises:
            CheckpointError: the state is damaged, or of a run with other settings.
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
            raise CheckpointError(f"{self.out} holds a run with other settings. Use another --out.")
        self.model.load_state_dict(state["model"])
        self.average.state = state["average"]
        self.average.updates = state["updates"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        self.history = state["history"]

    def _epoch(self) -> float:
        self.model.train()
        first = self.step
        last = min(self.steps, first - first % self.steps_per_epoch + self.steps_per_epoch)
        total = 0.0
        bar = tqdm(
            self.batches.batches(first, last),
            total=last - first,
            desc=f"epoch {first // self.steps_per_epoch + 1}/{self.config.epochs}",
            mininterval=2,
        )
        for rows in bar:
            loss = self._step(rows)
            total += loss
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        return total / (last - first)

    def _step(self, rows: NDArray[np.int64]) -> float:
        seed = self.config.seed * 1_000_003 + self.step
        torch.manual_seed(seed)  # dropout's
        generator = torch.Generator().manual_seed(seed)
        share = one_cycle(self.step, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        settings, size = self.config.augmentation, self.model.config.image_size
        images = torch.from_numpy(self.faces.images[rows]).to(self.device).unsqueeze(1).float()
        votes = torch.from_numpy(self.vote_shares[rows]).to(self.device)
        labels = torch.from_numpy(self.faces.labels[rows]).to(self.device)
        pixels = to_pixels(augment(images, size, settings, generator), self.model.config)
        lower = torch.autocast(self.device.type, dtype=torch.bfloat16)
        with lower if self.config.bfloat16 else nullcontext():
            features = self.model.features(pixels)
        loss = self.objective(self.model, features.float(), votes, labels, generator)
        if not torch.isfinite(loss):
            raise DivergedError(
                f"The loss is {loss.item()} at step {self.step}. The last epoch's state is kept; "
                "start again in another folder with a lower rate."
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), LARGEST_GRADIENT)
        self.optimizer.step()
        self.average.update(self.model)
        self.step += 1
        return float(loss.detach())

    def _save(self) -> None:
        with self.average.applied_to(self.model):
            self.model.save_pretrained(self.out)
        self.label_space.save(self.out)
        lines = "".join(json.dumps(metrics) + "\n" for metrics in self.history)
        (self.out / METRICS_FILE).write_text(lines, "utf-8")
        state: dict[str, Any] = {
            "config": self._settings(),
            "step": self.step,
            "history": self.history,
            "model": self.model.state_dict(),
            "average": self.average.state,
            "updates": self.average.updates,
            "optimizer": self.optimizer.state_dict(),
        }
        partial = self.out / f"{STATE_FILE}.partial"
        torch.save(state, partial)
        os.replace(partial, self.out / STATE_FILE)

    def _settings(self) -> str:
        return json.dumps(self.config.as_dict(), sort_keys=True)
