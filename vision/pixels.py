"""Face crops → the image tower's input, by one function in training and serving."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seollem.vision.model import EmotionCLIPConfig

GRAY_FROM_RGB = (0.299, 0.587, 0.114)  # ITU-R BT.601 luma, as FER-2013's own conversion


def stack_crops(crops: Sequence[NDArray[np.uint8]], config: EmotionCLIPConfig) -> Tensor:
    """Crops as the training faces are: (N, C, crop_size, crop_size) float32 in [0, 255].

    C is 3 where the model sees colour, else 1. ``crops``: RGB HWC uint8 of any size.
    """
    import cv2  # the rest of this module also runs where only training is installed

    size = config.crop_size
    stacked = np.empty((len(crops), size, size, 3), np.float32)
    for row, crop in zip(stacked, crops, strict=True):
        if crop.shape[:2] == (size, size):
            row[...] = crop
        else:
            shrinks = min(crop.shape[:2]) > size
            method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            row[...] = cv2.resize(crop, (size, size), interpolation=method)
    batch = torch.from_numpy(stacked).permute(0, 3, 1, 2)
    if config.color:
        return batch
    weights = torch.tensor(GRAY_FROM_RGB).view(1, 3, 1, 1)
    return (batch * weights).sum(dim=1, keepdim=True)


def to_pixels(batch: Tensor, config: EmotionCLIPConfig) -> Tensor:
    """(N, C, h, w) in [0, 255] → (N, 3, image_size, image_size), normalised, channels last."""
    size = config.image_size
    if batch.shape[-2:] != (size, size):
        batch = torch.nn.functional.interpolate(
            batch, (size, size), mode="bilinear", align_corners=False
        )
    mean = torch.tensor(config.pixel_mean, device=batch.device).view(1, 3, 1, 1)
    std = torch.tensor(config.pixel_std, device=batch.device).view(1, 3, 1, 1)
    pixels = (batch / 255.0).expand(-1, 3, -1, -1).sub(mean).div(std)
    return pixels.contiguous(memory_format=torch.channels_last)
