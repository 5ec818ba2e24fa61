"""Augmentation of grey faces, a batch at a time: one ``grid_sample``, then tone and erasing."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from seollem.training.errors import SettingsError
from seollem.training.runs.limits import at_least, between


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Ranges of the random changes; framing varies as detectors' framing does (see the model card).

    Attributes:
        rotation: degrees, either way.
        scale: smallest and largest zoom, drawn evenly on a logarithmic scale.
        shift: of the side, either way.
        contrast, brightness, gamma: half widths of the ranges about 1, 0 and (logarithmic) 1.
        blur: probability of a blurred face.
        erase, erase_side: probability of an erased rectangle, and its largest side as a share of
            the face's.
    """

    rotation: float = 20.0
    scale: tuple[float, float] = (0.8, 1.25)
    shift: float = 0.08
    contrast: float = 0.4
    brightness: float = 0.2
    gamma: float = 0.3
    blur: float = 0.2
    erase: float = 0.4
    erase_side: float = 0.45

    def __post_init__(self) -> None:
        between(self, 0, 180, "rotation")
        between(self, 0, 1, "shift", "contrast", "brightness", "blur", "erase", "erase_side")
        at_least(self, 0, "gamma")
        smallest, largest = self.scale
        if not 0 < smallest <= largest < math.inf:
            raise SettingsError(
                f"scale is {self.scale}, not the smallest zoom, above 0, and the largest."
            )


def augment(faces: Tensor, size: int, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """(N, C, h, w) in [0, 255] → (N, C, size, size) in [0, 255], each face changed independently.

    The generator is on the CPU, so a seed gives the same faces on every device.
    """
    n, device = len(faces), faces.device

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        drawn = torch.rand(n, *shape, generator=generator) * (high - low) + low
        return drawn.to(device)

    angle = uniform(-settings.rotation, settings.rotation) * (math.pi / 180)
    zoom = uniform(math.log(settings.scale[0]), math.log(settings.scale[1])).exp()
    mirror = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    shift = uniform(-2 * settings.shift, 2 * settings.shift, 2)
    cosine, sine = angle.cos() / zoom, angle.sin() / zoom
    theta = torch.stack(
        [
            torch.stack([cosine * mirror, -sine, shift[:, 0]], dim=1),
            torch.stack([sine * mirror, cosine, shift[:, 1]], dim=1),
        ],
        dim=1,
    )
    grid = torch.nn.functional.affine_grid(theta, [n, 1, size, size], align_corners=False)
    bent = torch.nn.functional.grid_sample(
        faces, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    soft = torch.nn.functional.avg_pool2d(bent, 3, stride=1, padding=1, count_include_pad=False)
    bent = torch.where(uniform(0, 1, 1, 1, 1) < settings.blur, soft, bent)
    return _erase(_tone(bent, settings, uniform), settings, uniform)


def _tone(faces: Tensor, settings: Augmentation, uniform: Callable[..., Tensor]) -> Tensor:
    gamma = uniform(-settings.gamma, settings.gamma, 1, 1, 1).exp()
    contrast = uniform(1 - settings.contrast, 1 + settings.contrast, 1, 1, 1)
    brightness = uniform(-settings.brightness, settings.brightness, 1, 1, 1)
    toned = (faces / 255.0).clamp(1e-4, 1.0) ** gamma
    middle = toned.mean(dim=(1, 2, 3), keepdim=True)
    return ((toned - middle) * contrast + middle + brightness).clamp(0.0, 1.0) * 255.0


def _erase(faces: Tensor, settings: Augmentation, uniform: Callable[..., Tensor]) -> Tensor:
    size = faces.shape[-1]
    half = uniform(0.1, settings.erase_side, 2) * size / 2
    centre = uniform(0, size, 2)
    at = torch.arange(size, device=faces.device)
    inside = [(at - centre[:, axis : axis + 1]).abs() < half[:, axis : axis + 1] for axis in (0, 1)]
    chosen = uniform(0, 1, 1) < settings.erase
    hidden = inside[0].unsqueeze(2) & (inside[1] & chosen).unsqueeze(1)
    grey = uniform(0, 255, 1, 1, 1)
    return torch.where(hidden.unsqueeze(1), grey, faces)
