"""A fine-tuning run, put together."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from seollem.training.data.faces import ANNOTATORS, FaceSet, Split
from seollem.training.errors import DataError, SettingsError
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.examples import Examples
from seollem.training.finetune.loss import ImageTextLoss
from seollem.training.finetune.objective import FaceObjective
from seollem.training.finetune.sampler import BalancedBatches
from seollem.training.finetune.targets import annotated, distilled, teach
from seollem.training.runs.devices import accelerator, keep_freed_memory, require_rows
from seollem.training.runs.loop import Run
from seollem.training.towers.backbones import build_model
from seollem.training.towers.clip import read_projections
from seollem.training.towers.layers import checkpoint_layers, freeze
from seollem.training.towers.related import related_labels
from seollem.training.towers.vocabulary import (
    Phrasings,
    TrainedPhrasings,
    build_label_space,
    load_text_tower,
)
from seollem.vision.image_towers import channels_last

STATISTICS_ROWS = 512  # faces to measure a folded network's batch statistics on

FaceRun = Run[FaceObjective]


def some_rows(faces: FaceSet, config: FinetuneConfig) -> FaceSet:
    """At most ``config.rows`` of the faces, drawn by its seed."""
    if not 0 < config.rows < len(faces):
        return faces
    mask = np.zeros(len(faces), np.bool_)
    mask[np.random.default_rng(config.seed).permutation(len(faces))[: config.rows]] = True
    return faces.where(mask)


def open_run(
    config: FinetuneConfig,
    *,
    faces: FaceSet,
    backbone: str,
    encoder: str,
    out: Path,
    teachers: Sequence[Path] = (),
) -> FaceRun:
    """Build a run, or go on with the one that ``out`` holds.

    Raises:
        SettingsError: settings that do not go together, or with this image tower.
        CheckpointError: a backbone, a teacher or a stored run cannot be read or does not fit.
        DataError: no row to train on or to validate with.
        NoSpace: the disk cannot take the run.
        BrokenWeights: the text tower cannot be loaded.
    """
    if bool(teachers) != bool(config.distill):
        raise SettingsError("--teacher and the setting distill go together: give both or neither.")
    keep_freed_memory()
    devices = accelerator()
    require_rows(config.batch_size, devices.num_processes, config.accumulate)
    torch.manual_seed(config.seed)
    faces = faces.where(faces.is_face | (faces.splits != Split.TRAINING))
    training = some_rows(faces.split(Split.TRAINING), config)
    validation = some_rows(faces.validation, config)
    if not len(validation):
        raise DataError("No row of the data is for validation: split PUBLIC, not leaked.")
    batches = BalancedBatches(training.classes, batch_size=config.batch_size, seed=config.seed)
    tower = load_text_tower(encoder, config.sentence_prefix)
    label_space = build_label_space(tower)
    sample = torch.from_numpy(training.images[:STATISTICS_ROWS]).unsqueeze(1).float()
    labels = {name: list(ANNOTATORS[name]) for name in training.annotators}
    clip = read_projections(encoder)
    own_size = len(clip.text) if clip else 0
    model = build_model(
        backbone,
        text_dim=tower.hidden_size,
        text=clip,
        faces=sample,
        annotator_labels=labels,
        annotator=next(iter(labels)),
        crop_size=training.images.shape[-1],
        projection_dim=config.projection_dim or own_size,
        image_size=config.image_size,
        image_depth=config.image_depth,
        head_depth=config.head_depth,
        head_dropout=config.head_dropout,
        initial_logit_scale=config.logit_scale,
    )
    targets = annotated(training, config.smoothing)
    if teachers:
        taught = teach(teachers, training, labels, devices.device)
        targets = distilled(targets, taught, config.distill)
    freeze(model, config.freeze)
    if config.checkpointing:
        checkpoint_layers(model)
    channels_last(model)
    phrasings = (
        TrainedPhrasings(tower, labels)
        if config.text_rate
        else Phrasings(tower, labels, label_space.template_means)
    )
    related = related_labels(label_space, labels, config.spread)
    criterion = ImageTextLoss(model, phrasings, related=related, bfloat16=config.bfloat16)
    nn.Module.to(criterion, devices.device)
    objective = FaceObjective(
        config=config,
        criterion=criterion,
        examples=Examples(training, targets, config, model.config, devices.device),
        validation=validation,
        batches=batches,
        label_space=label_space,
        data=zlib.crc32(f"{training.checksum} {validation.checksum}".encode()),
        sources={
            "backbone": backbone,
            "encoder": encoder,
            "teachers": [str(teacher) for teacher in teachers],
        },
    )
    return Run(objective, out, devices)
