"""CLIP as it was published, reading faces by English sentences: what fine-tuning starts from."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

from seollem.scoring.emotions import FACE_EMOTIONS, display_name
from seollem.training.errors import CheckpointError
from seollem.training.measure.classifiers import ZeroShotClassifier
from seollem.training.towers.backbones import build_model
from seollem.training.towers.clip import read_projections
from seollem.training.towers.predict import embed_features, tower_features
from seollem.vision.label_vectors import unit_mean
from seollem.vision.text_tower import TextTower

SENTENCES = (
    "a photo of a face showing {}.",
    "a photo of a person who feels {}.",
    "a facial expression of {}.",
)
CLIP_SCALE = 100.0  # where its own logit scale was capped (Radford et al. 2021)


def plain_clip(checkpoint: str, images: NDArray[np.uint8]) -> ZeroShotClassifier:
    """Classifies grey faces (N, h, w), a face and its mirror image averaged as everywhere here.

    Args:
        checkpoint: a CLIP in a folder or on the hub, such as openai/clip-vit-base-patch32.

    Raises:
        CheckpointError: it is no CLIP, or cannot be read.
        BrokenWeights: its text tower cannot be read.
    """
    projections = read_projections(checkpoint)
    if projections is None:
        raise CheckpointError(f"{checkpoint!r} is no CLIP of Transformers' that could be read.")
    text = TextTower.from_pretrained(checkpoint)
    model = build_model(
        checkpoint,
        text_dim=text.hidden_size,
        faces=torch.empty(0, 1, *images.shape[1:]),
        annotator_labels={"nobody": list(FACE_EMOTIONS)},
        annotator="nobody",
        projection_dim=len(projections.text),
        head_depth=0,
    )
    embedded = embed_features(model, tower_features(model, images), "nobody")

    @torch.inference_mode()
    def predict(labels: Sequence[str]) -> NDArray[np.float32]:
        names = [display_name(label, "en") for label in labels]
        prompts = [[sentence.format(name) for sentence in SENTENCES] for name in names]
        projected = [text.encode(own) @ projections.text.T for own in prompts]
        vectors = torch.stack([unit_mean(normalize(own, dim=-1)) for own in projected])
        logits = CLIP_SCALE * embedded @ vectors.T
        probabilities: NDArray[np.float32] = logits.softmax(dim=1).numpy()
        return probabilities

    return ZeroShotClassifier(f"plain CLIP {checkpoint}", (predict,), korean=False)
