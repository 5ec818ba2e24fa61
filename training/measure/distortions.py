"""Test faces as other cameras and other crops would show them."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Images = NDArray[np.uint8]  # (N, h, w), grey


def warp(images: Images, *, zoom: float = 1.0, turn: float = 0.0) -> Images:
    """Enlarge about the centre by ``zoom`` and turn by ``turn`` degrees; edges are mirrored."""
    cosine = math.cos(math.radians(turn)) / zoom
    sine = math.sin(math.radians(turn)) / zoom
    theta = torch.tensor([[cosine, -sine, 0.0], [sine, cosine, 0.0]]).expand(len(images), 2, 3)
    faces = _floats(images)
    grid = torch.nn.functional.affine_grid(theta, list(faces.shape), align_corners=False)
    return _images(
        torch.nn.functional.grid_sample(
            faces, grid, mode="bilinear", padding_mode="reflection", align_corners=False
        )
    )


def darken(images: Images, share: float = 0.4) -> Images:
    """Keep a share of the light."""
    return _images(_floats(images) * share)


def sharpen(images: Images, amount: float = 1.0) -> Images:
    """Unsharp mask: add the difference from a 3×3 mean, ``amount`` times."""
    faces = _floats(images)
    soft = torch.nn.functional.avg_pool2d(faces, 3, stride=1, padding=1, count_include_pad=False)
    return _images(faces + amount * (faces - soft))


DISTORTIONS: Mapping[str, Callable[[Images], Images]] = {
    "as they are": lambda images: images,
    "tighter (×1.25)": lambda images: warp(images, zoom=1.25),
    "looser (×0.8)": lambda images: warp(images, zoom=0.8),
    "rotated 15°": lambda images: warp(images, turn=15.0),
    "rotated 30°": lambda images: warp(images, turn=30.0),
    "darker (40% of the light)": darken,
    "sharper (unsharp mask)": sharpen,
}


def _floats(images: Images) -> Tensor:
    return torch.from_numpy(images).unsqueeze(1).float()


def _images(faces: Tensor) -> Images:
    images: Images = faces.squeeze(1).round().clamp(0, 255).to(torch.uint8).numpy()
    return images
