"""Fine-tune an EmotionCLIP on FER-2013 and the FERPlus votes.

    python -m training finetune --data data/fer2013.npz --backbone FOLDER --encoder FOLDER \
        --out runs/embedded

A run that was stopped goes on where it was when the same command is given again.
"""

import argparse
import dataclasses
import json
import os
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from training.backbones import build_model
from training.config import PRESETS, FinetuneConfig
from training.curves import draw_curves
from training.errors import CheckpointError, DivergedError
from training.fer2013 import FaceSet, Split
from training.metrics import accuracy, unweighted_recall
from training.predict import embed_all
from training.sampler import BalancedBatches
from training.schedule import Average, one_cycle
from training.synonyms import SYNONYMS
from training.transforms import augment
from training.vocabulary import Phrasings, build_label_space
from vision.image_towers import channels_last
from vision.label_vectors import LabelSpace
from vision.model import EmotionCLIP
from vision.pixels import to_pixels
from vision.text_tower import TextTower

STATE_FILE = "state.pt"
METRICS_FILE = "metrics.jsonl"
SETTINGS_FILE = "settings.json"
STATISTICS_ROWS = 512  # faces to measure a folded network's batch statistics on


@dataclass(slots=True)
class Finetuner:
    """One run: model, data, optimizer and average, and the step it has reached."""

    config: FinetuneConfig
    out: Path
    model: EmotionCLIP
    average: Average
    optimizer: torch.optim.Optimizer
    faces: FaceSet
    vote_shares: np.ndarray
    validation: FaceSet
    batches: BalancedBatches
    phrasings: dict[str, Phrasings]
    label_space: LabelSpace
    device: torch.device
    step: int = 0

    @property
    def steps_per_epoch(self) -> int:
        return max(1, len(self.faces) // self.config.batch_size)

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.config.epochs

    def run(self) -> None:
        """Train to the end; after every epoch write the state, the metrics and the weights.

        Raises:
            DivergedError: the loss is no longer a number; the last good epoch is kept.
        """
        while self.step < self.steps:
            started = time.monotonic()
            loss = self._epoch()
            metrics = {
                "epoch": self.step // self.steps_per_epoch,
                "loss": round(loss, 4),
                "seconds": round(time.monotonic() - started, 1),
                **self._validate(),
            }
            with (self.out / METRICS_FILE).open("a", encoding="utf-8") as file:
                file.write(json.dumps(metrics) + "\n")
            tqdm.write(json.dumps(metrics))
            self._save()

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
            bar.set_postfix(loss=f"{loss:.3f}")
        return total / (last - first)

    def _step(self, rows: np.ndarray) -> float:
        seed = self.config.seed * 1_000_003 + self.step
        torch.manual_seed(seed)  # dropout's
        generator = torch.Generator().manual_seed(seed)
        share = one_cycle(self.step, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        images = torch.from_numpy(self.faces.images[rows]).to(self.device)
        faces = augment(
            images.unsqueeze(1).float(),
            self.model.config.image_size,
            self.config.augmentation,
            generator,
        )
        with self._autocast():
            features = self.model.features(to_pixels(faces, self.model.config))
        features = features.float()
        votes = torch.from_numpy(self.vote_shares[rows]).to(self.device)
        labels = torch.from_numpy(self.faces.labels[rows]).to(self.device)
        by_votes = self._logits(features, "ferplus", generator)
        by_label = self._logits(features, "fer2013", generator)
        voted = votes.sum(dim=1).clamp(max=1.0)
        vote_loss = -(votes * by_votes.log_softmax(dim=1)).sum(dim=1).sum() / voted.sum()
        label_loss = nn.functional.cross_entropy(
            by_label, labels, label_smoothing=self.config.smoothing
        )
        loss = vote_loss + label_loss
        if not torch.isfinite(loss):
            raise DivergedError(
                f"The loss is {loss.item()} at step {self.step}. The last epoch's state is kept; "
                "start again in another folder with a lower --rate."
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimizer.step()
        self.average.update(self.model)
        self.step += 1
        return float(loss.detach())

    def _logits(self, features: Tensor, annotator: str, generator: torch.Generator) -> Tensor:
        labels = self.phrasings[annotator].draw(generator).to(self.device)
        embedded = self.model.embed(features, annotator)
        return self.model.scale(annotator) * embedded @ labels.T

    def _autocast(self) -> Any:
        if not self.config.bfloat16:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def _validate(self) -> dict[str, float]:
        """Figures on PublicTest with the averaged weights, unseen wordings among them."""
        with averaged(self), torch.inference_mode():
            faces = self.validation
            metrics: dict[str, float] = {}
            plurality = faces.plurality
            voted = plurality >= 0
            embedded = {
                annotator: embed_all(self.model, faces.images, annotator)
                for annotator in self.model.config.annotators
            }
            asked = {
                "ferplus": ("ferplus", self.model.config.labels),
                "fer2013": ("fer2013", tuple(self.model.config.annotator_labels["fer2013"])),
                **{f"synonyms_{name}": ("ferplus", words) for name, words in SYNONYMS.items()},
            }
            for name, (annotator, labels) in asked.items():
                vectors = self.label_space(labels)
                logits = embedded[annotator] @ vectors.T * self.model.scale(annotator).cpu()
                probabilities = logits.softmax(dim=1).numpy()
                truth = faces.labels if annotator == "fer2013" else plurality
                mask = np.ones(len(faces), bool) if annotator == "fer2013" else voted
                metrics[name] = round(accuracy(probabilities[mask], truth[mask]), 4)
                if not name.startswith("synonyms"):
                    uar = unweighted_recall(probabilities[mask], truth[mask])
                    metrics[f"{name}_uar"] = round(uar, 4)
        return metrics

    def _save(self) -> None:
        with averaged(self):
            self.model.save_pretrained(self.out)
        self.label_space.save(self.out)
        state = {
            "config": json.dumps(self.config.as_dict(), sort_keys=True),
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average.state,
            "updates": self.average.updates,
            "optimizer": self.optimizer.state_dict(),
        }
        partial = self.out / f"{STATE_FILE}.partial"
        torch.save(state, partial)
        os.replace(partial, self.out / STATE_FILE)

    def resume(self) -> bool:
        """Go back to the last state written to ``out``; False where there is none.

        Raises:
            CheckpointError: the state is damaged, or of a run with other settings.
        """
        path = self.out / STATE_FILE
        if not path.is_file():
            return False
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            same = state["config"] == json.dumps(self.config.as_dict(), sort_keys=True)
        except Exception as error:
            raise CheckpointError(
                f"{path} is damaged ({error}). Remove it to start anew."
            ) from error
        if not same:
            raise CheckpointError(f"{self.out} holds a run with other settings. Use another --out.")
        self.model.load_state_dict(state["model"])
        self.average.state = state["average"]
        self.average.updates = state["updates"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        return True


class averaged:  # noqa: N801
    """Within this context a run's model has its averaged weights and is in eval mode."""

    def __init__(self, run: Finetuner) -> None:
        self._run = run

    def __enter__(self) -> None:
        self._own = {name: tensor.clone() for name, tensor in self._run.model.state_dict().items()}
        self._run.model.load_state_dict(self._run.average.state)
        nn.Module.eval(self._run.model)

    def __exit__(self, *_: object) -> None:
        self._run.model.load_state_dict(self._own)


def parameter_groups(model: EmotionCLIP, config: FinetuneConfig) -> Iterator[dict[str, Any]]:
    """AdamW's groups: tower and heads at their own rates, vectors without weight decay."""
    for is_tower in (True, False):
        for decays in (True, False):
            parameters = [
                parameter
                for name, parameter in model.named_parameters()
                if name.startswith("image_tower.") == is_tower and (parameter.ndim > 1) == decays
            ]
            yield {
                "params": parameters,
                "peak": config.rate if is_tower else config.head_rate,
                "weight_decay": config.weight_decay if decays else 0.0,
            }


def start(
    config: FinetuneConfig, *, faces: FaceSet, backbone: str, encoder: str, out: Path
) -> Finetuner:
    """Build a run, or go on with the one that ``out`` holds."""
    torch.manual_seed(config.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    faces = faces.where(faces.is_face | (faces.splits != Split.TRAINING))
    training, validation = faces.split(Split.TRAINING), faces.split(Split.PUBLIC)
    tower = TextTower.from_pretrained(encoder)
    tower.prefix = tower.prefix or config.sentence_prefix
    label_space = build_label_space(tower)
    sample = torch.from_numpy(training.images[:STATISTICS_ROWS]).unsqueeze(1).float()
    model = build_model(
        backbone,
        projection_dim=tower.hidden_size,
        faces=sample,
        image_size=config.image_size,
        head_depth=config.head_depth,
        head_dropout=config.head_dropout,
    )
    nn.Module.to(model, device)
    channels_last(model)
    out.mkdir(parents=True, exist_ok=True)
    run = Finetuner(
        config=config,
        out=out,
        model=model,
        average=Average(model, config.average),
        optimizer=torch.optim.AdamW(list(parameter_groups(model, config)), lr=config.rate),
        faces=training,
        vote_shares=training.vote_shares,
        validation=validation,
        batches=BalancedBatches(training.labels, batch_size=config.batch_size, seed=config.seed),
        phrasings={
            annotator: Phrasings(tower, labels, label_space.template_means)
            for annotator, labels in model.config.annotator_labels.items()
        },
        label_space=label_space,
        device=device,
    )
    run.resume()
    (out / SETTINGS_FILE).write_text(json.dumps(config.as_dict(), indent=2) + "\n", "utf-8")
    return run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=PRESETS, default="embedded", help="settings (embedded)")
    parser.add_argument("--data", type=Path, required=True, help="what prepare wrote")
    parser.add_argument(
        "--backbone", required=True, help="image tower to start from: a folder, or a hub name"
    )
    parser.add_argument(
        "--encoder", required=True, help="text tower, kept as it is: a folder, or a hub name"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--epochs", type=int, help="instead of the preset's")
    parser.add_argument("--seed", type=int, help="instead of the preset's")
    parser.add_argument("--threads", type=int, help="torch's threads (default: its own choice)")


def main(args: argparse.Namespace) -> None:
    if args.threads:
        torch.set_num_threads(args.threads)
    given = {name: getattr(args, name) for name in ("epochs", "seed") if getattr(args, name)}
    run = start(
        dataclasses.replace(PRESETS[args.preset], **given),
        faces=FaceSet.load(args.data),
        backbone=args.backbone,
        encoder=args.encoder,
        out=args.out,
    )
    run.run()
    draw_curves(args.out / METRICS_FILE, args.out / "curves.png")
