"""EmotionCLIP: an image tower and a text tower with one shared space, a Transformers checkpoint.

    model = EmotionCLIP.from_pretrained("vision/weights")
    logits = model(pixels, label_vectors)          # (N, 3, S, S), (L, D) → (N, L)

The checkpoint's folder holds the image tower and the heads, its subfolder ``text`` the text tower.
A picture that is read with known labels needs only their stored vectors (``labels.safetensors``).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from seollem.vision.heads import ProjectionHead, ResidualBlock
from seollem.vision.image_towers import build_image_tower

MAX_LOGIT_SCALE = 100.0  # CLIP's cap (Radford et al. 2021)


class EmotionCLIPConfig(PretrainedConfig):
    """What must be the same in training and in serving.

    Attributes:
        name: what readings call the model.
        image_tower: ``model_type`` and settings of the image tower.
        image_size: side of the square the tower takes, pixels.
        crop_size: side of the face crops it was trained on, pixels; larger ones are reduced to it.
        color: whether the tower sees colour; otherwise three equal grey channels.
        pixel_mean, pixel_std: RGB, of pixels in [0, 1].
        projection_dim: D, the size of the shared space.
        text_dim: the text tower's size, where label vectors are projected too; None where they
            lie in the shared space as they are.
        image_depth: residual blocks after the image tower, shared by the heads.
        head_depth: residual blocks after the projection.
        head_dropout: probability, while training.
        annotators: sources of labels, such as "ferplus". Each has a head of its own, as each asked
            a different question about the pictures.
        annotator: the one whose labels selfies are read with.
        annotator_weights: how much each annotator's logits count when a selfie is read; the sum
            is 1. By default the annotator's own count alone.
        reading_biases: a logit offset for each label of a selfie's reading (see
            ``seollem.training.release.reading``); none by default.
        labels: this annotator's labels.
        label_biases: annotator → a logit offset for each label (see
            ``seollem.training.release.calibrate``).
        annotator_labels: annotator → its labels, in the order of its biases.
        conclusive_at: least probability of a reading's top label to speak of it.
    """

    model_type = "emotion-clip"

    def __init__(
        self,
        *,
        name: str = "emotion-clip",
        image_tower: dict[str, Any] | None = None,
        image_size: int = 96,
        crop_size: int = 48,
        color: bool = False,
        pixel_mean: Sequence[float] = (0.0, 0.0, 0.0),
        pixel_std: Sequence[float] = (1.0, 1.0, 1.0),
        projection_dim: int = 384,
        text_dim: int | None = None,
        image_depth: int = 0,
        head_depth: int = 1,
        head_dropout: float = 0.3,
        initial_logit_scale: float = 10.0,
        annotator_labels: dict[str, list[str]] | None = None,
        annotator: str = "ferplus",
        annotator_weights: dict[str, float] | None = None,
        reading_biases: Sequence[float] = (),
        label_biases: dict[str, list[float]] | None = None,
        conclusive_at: float = 0.4,
        **kwargs: Any,
    ) -> None:
        self.name = name
        self.image_tower = image_tower or {"model_type": "face-mobilenet"}
        self.image_size = image_size
        self.crop_size = crop_size
        self.color = color
        self.pixel_mean = list(pixel_mean)
        self.pixel_std = list(pixel_std)
        self.projection_dim = projection_dim
        self.text_dim = text_dim
        self.image_depth = image_depth
        self.head_depth = head_depth
        self.head_dropout = head_dropout
        self.initial_logit_scale = initial_logit_scale
        self.annotator_labels = annotator_labels or {annotator: []}
        self.annotator = annotator
        self.annotator_weights = annotator_weights or {annotator: 1.0}
        self.reading_biases = list(reading_biases)
        self.label_biases = label_biases or {}
        self.conclusive_at = conclusive_at
        super().__init__(**kwargs)

    @property
    def annotators(self) -> tuple[str, ...]:
        return tuple(self.annotator_labels)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.annotator_labels[self.annotator])


class EmotionCLIP(PreTrainedModel):
    """Image tower, a head for each annotator, and a learned logit scale.

    Forward: pixels (N, 3, S, S) float, normalised; label vectors (L, D), of unit length →
    logits (N, L) = scale · cosine.
    """

    config_class = EmotionCLIPConfig
    config: EmotionCLIPConfig
    base_model_prefix = "emotion_clip"
    main_input_name = "pixels"

    def __init__(self, config: EmotionCLIPConfig) -> None:
        super().__init__(config)
        self.image_tower = build_image_tower(config.image_tower)
        width = self.image_tower.hidden_size
        self.adapter = nn.Sequential(*(ResidualBlock(width) for _ in range(config.image_depth)))
        self.heads = nn.ModuleDict(
            {
                annotator: ProjectionHead(
                    width,
                    config.projection_dim,
                    depth=config.head_depth,
                    dropout=config.head_dropout,
                )
                for annotator in config.annotators
            }
        )
        self.text_projection: nn.Linear | None = None
        if config.text_dim:
            self.text_projection = nn.Linear(config.text_dim, config.projection_dim, bias=False)
            nn.init.orthogonal_(self.text_projection.weight)  # keeps cosines as far as it can
        scale = torch.tensor(config.initial_logit_scale).log()
        self.log_scales = nn.ParameterDict(
            {annotator: nn.Parameter(scale.clone()) for annotator in config.annotators}
        )
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Modules initialise themselves."""

    def features(self, pixels: Tensor) -> Tensor:
        """(N, 3, S, S) → (N, hidden_size)."""
        features: Tensor = self.adapter(self.image_tower(pixels))
        return features

    def embed(self, features: Tensor, annotator: str | None = None) -> Tensor:
        """(N, hidden_size) → (N, D), of unit length, by the annotator's head."""
        head = self.heads[annotator or self.config.annotator]
        return nn.functional.normalize(head(features).float(), dim=-1)

    def scale(self, annotator: str | None = None) -> Tensor:
        """The logit scale, a scalar in (0, 100]."""
        log_scale: Tensor = self.log_scales[annotator or self.config.annotator]
        return log_scale.exp().clamp(max=MAX_LOGIT_SCALE)

    def forward(
        self, pixels: Tensor, label_vectors: Tensor, annotator: str | None = None
    ) -> Tensor:
        """(N, 3, S, S), (L, D) → logits (N, L)."""
        return self.logits(self.embed(self.features(pixels), annotator), label_vectors, annotator)

    def logits(
        self, embedded: Tensor, label_vectors: Tensor, annotator: str | None = None
    ) -> Tensor:
        """(N, D), (L, D or text_dim), of unit length and on one device → scale · cosine, (N, L)."""
        if self.text_projection is not None:
            weight = self.text_projection.weight.to(embedded.device)
            label_vectors = nn.functional.normalize(label_vectors @ weight.T, dim=-1)
        return self.scale(annotator).to(embedded.device) * embedded @ label_vectors.T
