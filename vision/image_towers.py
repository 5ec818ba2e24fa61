"""Image towers: pixels → one feature vector a picture.

The configuration's ``model_type`` chooses the tower: ``face-mobilenet`` is defined here,
``clip-resnet`` in clip_resnet.py; every other type is a vision model of Transformers, such as
CLIP's ViT.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig

from seollem.vision.clip_resnet import ClipResNet

FACE_MOBILENET_CHANNELS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
FACE_MOBILENET_STRIDE_2 = (2, 4, 6, 12)  # 1-based numbers of the blocks that halve the size


def separable_block(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """Depthwise 3×3, then pointwise 1×1, each with batch norm and ReLU6 (Howard et al. 2017)."""
    return nn.Sequential(
        _same_padding() if stride == 2 else nn.Identity(),
        nn.Conv2d(inputs, inputs, 3, stride, 0 if stride == 2 else 1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.ReLU6(inplace=True),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


class FaceMobileNet(nn.Module):
    """MobileNet v1, width 1.0, features only.

    ``seollem.training.towers.backbones`` loads weights pre-trained on face recognition (VGGFace2).
    Forward: (N, 3, H, W) float RGB, normalised by the
    checkpoint's mean and deviation → (N, 1024).
    """

    hidden_size = FACE_MOBILENET_CHANNELS[-1]

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            _same_padding(),
            nn.Conv2d(3, 32, 3, 2, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU6(inplace=True),
        )
        inputs = (32, *FACE_MOBILENET_CHANNELS[:-1])
        self.blocks = nn.Sequential(
            *(
                separable_block(i, o, 2 if number in FACE_MOBILENET_STRIDE_2 else 1)
                for number, (i, o) in enumerate(
                    zip(inputs, FACE_MOBILENET_CHANNELS, strict=True), start=1
                )
            )
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """(N, 3, H, W) → (N, 1024): the mean over positions."""
        features: Tensor = self.blocks(self.stem(pixels))
        return features.mean(dim=(2, 3))


class TransformersTower(nn.Module):
    """Any vision model of Transformers whose output has a ``pooler_output``."""

    def __init__(self, config: PretrainedConfig) -> None:
        super().__init__()
        self.model = AutoModel.from_config(config)
        sizes = getattr(config, "hidden_sizes", None)  # of networks with a size for each stage
        self.hidden_size = int(sizes[-1] if sizes else config.hidden_size)

    def forward(self, pixels: Tensor) -> Tensor:
        """(N, 3, S, S) → (N, hidden_size)."""
        pooled: Tensor = self.model(pixel_values=pixels).pooler_output
        return pooled.flatten(1)


ImageTower = FaceMobileNet | ClipResNet | TransformersTower


def build_image_tower(settings: dict[str, Any]) -> ImageTower:
    """The tower that a checkpoint's ``image_tower`` settings describe, with random weights.

    Raises:
        ValueError: a model type that neither this module nor Transformers knows.
    """
    settings = dict(settings)
    model_type = settings.pop("model_type")
    if model_type == "face-mobilenet":
        return FaceMobileNet()
    if model_type == "clip-resnet":
        return ClipResNet(**settings)
    return TransformersTower(AutoConfig.for_model(model_type, **settings))


def channels_last(module: nn.Module) -> None:
    """Store weights channels last, in place: convolutions take half the time on a CPU."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # not in its stubs


def _same_padding() -> nn.Module:
    """TensorFlow's SAME padding for a 3×3 kernel at stride 2: right and below only."""
    return nn.ZeroPad2d((0, 1, 0, 1))


def fuse_batch_norms(tower: nn.Module) -> None:
    """Fold every batch norm into the convolution before it, in place, for faster inference."""
    for module in list(tower.modules()):
        if not isinstance(module, nn.Sequential):
            continue
        for i in range(len(module) - 1):
            conv, norm = module[i], module[i + 1]
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                module[i] = torch.nn.utils.fuse_conv_bn_eval(conv.eval(), norm.eval())
                module[i + 1] = nn.Identity()
