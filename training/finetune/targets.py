"""Training targets: for each annotator a distribution over its labels."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seollem.training.data.faces import ANNOTATORS, FaceSet
from seollem.training.errors import CheckpointError
from seollem.training.towers.checkpoints import load_checkpoint
from seollem.training.towers.predict import embed_features, tower_features
from seollem.vision.classifier import TEXT_FOLDER
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.text_tower import TextTower

Targets = dict[str, NDArray[np.float32]]


def annotated(faces: FaceSet, smoothing: float) -> Targets:
    """Annotator → (N, L): FERPlus votes as cast, single labels smoothed.

    A row is zeros, and does not count, where there is no label or no agreement.
    """
    targets: Targets = {}
    for annotator in faces.annotators:
        if annotator == "ferplus":
            targets[annotator] = faces.vote_shares
            continue
        truth, size = faces.truth(annotator), len(ANNOTATORS[annotator])
        smooth = np.eye(size, dtype=np.float32) * (1 - smoothing) + np.float32(smoothing / size)
        targets[annotator] = np.where((truth >= 0)[:, None], smooth[truth], 0).astype(np.float32)
    return targets


def distilled(targets: Targets, taught: Targets, weight: float) -> Targets:
    """(1 − weight) · targets + weight · taught; the latter alone for rows of zeros."""
    mixed: Targets = {}
    for annotator, own in targets.items():
        known = own.sum(axis=1, keepdims=True) > 0
        blend = (1 - weight) * own + weight * taught[annotator]
        mixed[annotator] = np.where(known, blend, taught[annotator]).astype(np.float32)
    return mixed


@torch.inference_mode()
def teach(
    folders: Sequence[Path], faces: FaceSet, labels: dict[str, list[str]], device: torch.device
) -> Targets:
    """Annotator → (N, L): the mean over some checkpoints' probabilities.

    Without the prior of serving, since batches are label-balanced.

    Raises:
        CheckpointError: a folder holds no checkpoint, or one with other labels.
    """
    means: Targets = {
        annotator: np.zeros((len(faces), len(names)), np.float32)
        for annotator, names in labels.items()
    }
    for folder in folders:
        model = load_checkpoint(folder)
        if any(model.config.annotator_labels.get(a) != wanted for a, wanted in labels.items()):
            raise CheckpointError(f"The teacher {folder} was trained on other labels.")
        torch.nn.Module.to(model, device)
        space = LabelSpace.load(folder, partial(TextTower.from_pretrained, folder / TEXT_FOLDER))
        features = tower_features(model, faces.images)
        for annotator, names in labels.items():
            embedded = embed_features(model, features, annotator)
            logits = model.logits(embedded, space(names), annotator)
            means[annotator] += logits.softmax(dim=1).numpy() / np.float32(len(folders))
    return means


def blend(
    pixels: Tensor, targets: dict[str, Tensor], alpha: float, generator: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """Mixup (Zhang et al. 2018) of each face with another face of the batch, and of the targets.

    Shares are drawn from Beta(α, α) on the CPU, so a seed gives the same on every device.
    """
    n = len(pixels)
    seed = int(torch.randint(2**31, (), generator=generator))
    shares = np.random.default_rng(seed).beta(alpha, alpha, n).astype(np.float32)
    share = torch.from_numpy(shares).to(pixels.device)
    other = torch.randperm(n, generator=generator).to(pixels.device)

    def interpolate(x: Tensor) -> Tensor:
        weight = share.view(n, *(1,) * (x.ndim - 1))
        return weight * x + (1 - weight) * x[other]

    return interpolate(pixels), {
        annotator: interpolate(target) for annotator, target in targets.items()
    }


def draw(shares: Tensor, generator: torch.Generator) -> Tensor:
    """(N, L) vote shares → (N, L) one-hot votes drawn from them (Barsoum et al. 2016), or zeros."""
    voted = shares.sum(dim=1) > 0
    drawn = torch.multinomial(shares + (~voted).unsqueeze(1), 1, generator=generator).squeeze(1)
    one_hot = torch.nn.functional.one_hot(drawn, shares.shape[1]).to(shares.dtype)
    return one_hot * voted.unsqueeze(1)
