"""Which text tower makes the better space of labels for faces?

The image tower of a checkpoint stays as it is and looks at every face once; for each text tower,
heads are trained anew on what it saw, and read the test faces. Everything else is equal: rows,
order, steps, rates, seeds. The image tower was once trained together with one of the spaces, which
may favour that one a little: a finetune with each tower is the last word, and costs an hour.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from seollem.training.data.faces import FaceSet
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.loss import ImageTextLoss
from seollem.training.finetune.sampler import BalancedBatches
from seollem.training.finetune.targets import annotated
from seollem.training.runs.schedule import one_cycle
from seollem.training.towers.related import RelatedLabels, related_labels
from seollem.training.towers.vocabulary import Phrasings, build_label_space
from seollem.vision.label_vectors import LabelSpace
from seollem.vision.model import EmotionCLIP, EmotionCLIPConfig
from seollem.vision.text_tower import TextTower

HEAD_EPOCHS = 10
HEAD_BATCH = 256


@dataclass(frozen=True, slots=True)
class Seen:
    """What an image tower saw in some faces; ``features`` (2, N, hidden_size): plain, mirrored."""

    faces: FaceSet
    features: Tensor


def with_new_heads(model: EmotionCLIP, projection_dim: int) -> EmotionCLIP:
    """The same image tower under untrained heads, into a space of ``projection_dim``."""
    changed: dict[str, Any] = {
        "projection_dim": projection_dim,
        "text_dim": None,
        "label_biases": {},
    }
    fresh = EmotionCLIP(EmotionCLIPConfig(**(model.config.to_dict() | changed)))
    fresh.image_tower, fresh.adapter = model.image_tower, model.adapter
    return fresh


def train_heads(
    model: EmotionCLIP,
    phrasings: Phrasings,
    related: RelatedLabels | None,
    size: int,
    seen: Seen,
    config: FinetuneConfig,
) -> EmotionCLIP:
    """Heads into a text tower's space of ``size``, trained on what the image tower saw.

    Args:
        phrasings: the words of the model's labels, by that tower; ``related`` ones too.
    """
    torch.manual_seed(config.seed)
    fresh = with_new_heads(model, size)
    criterion = ImageTextLoss(fresh, phrasings, related=related, bfloat16=False)
    targets = {
        annotator: torch.from_numpy(own)
        for annotator, own in annotated(seen.faces, config.smoothing).items()
    }
    heads = [*fresh.heads.parameters(), *fresh.log_scales.parameters()]
    optimizer = torch.optim.AdamW(heads, lr=config.head_rate, weight_decay=config.weight_decay)
    batches = BalancedBatches(seen.faces.classes, batch_size=HEAD_BATCH, seed=config.seed)
    steps = max(1, HEAD_EPOCHS * len(seen.faces) // HEAD_BATCH)
    sides = torch.Generator().manual_seed(config.seed)
    fresh.heads.train()
    for step, rows in enumerate(batches.batches(0, steps)):
        for group in optimizer.param_groups:
            group["lr"] = config.head_rate * one_cycle(step, steps)
        index = torch.from_numpy(rows)
        features = seen.features[torch.randint(2, (len(rows),), generator=sides), index]
        own = {annotator: target[index] for annotator, target in targets.items()}
        loss = criterion.from_features(features, own, seed=config.seed + step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    fresh.heads.eval()
    return fresh


def retrain(
    model: EmotionCLIP, tower: TextTower, seen: Seen, config: FinetuneConfig, runs: int
) -> tuple[tuple[EmotionCLIP, ...], LabelSpace]:
    """Heads for the label space of a text tower, trained ``runs`` times, each with its own seed."""
    label_space = build_label_space(tower)
    phrasings = Phrasings(tower, model.config.annotator_labels, label_space.template_means)
    related = related_labels(label_space, model.config.annotator_labels, config.spread)
    configs = [dataclasses.replace(config, seed=config.seed + run) for run in range(runs)]
    size = tower.hidden_size
    models = [train_heads(model, phrasings, related, size, seen, own) for own in configs]
    return tuple(models), label_space
