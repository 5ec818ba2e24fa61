"""The two portraits, and photographs composed of them."""

import io
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from checkout import PORTRAITS

ASTRONAUT = (PORTRAITS / "astronaut.jpg").read_bytes()
GRACE_HOPPER = (PORTRAITS / "grace_hopper.jpg").read_bytes()
# Measured by eye in the portraits: right eye, left eye (pixels), and the side of a box around
# brows, chin and cheeks.
ASTRONAUT_EYES, ASTRONAUT_FACE = ((202.0, 105.0), (246.0, 108.0)), 100.0
GRACE_HOPPER_EYES, GRACE_HOPPER_FACE = ((225.0, 193.0), (309.0, 191.0)), 198.0

RGB = NDArray[np.uint8]


@cache
def astronaut() -> RGB:
    """512 × 512 px, smiling."""
    return _pixels(ASTRONAUT)


@cache
def grace_hopper() -> RGB:
    """512 × 600 px (width × height), earnest."""
    return _pixels(GRACE_HOPPER)


@cache
def texture(width: int, height: int, seed: int = 0) -> RGB:
    """Like a blurred photograph of nothing: noise of several scales. Do not write into it."""
    random = np.random.default_rng(seed)
    layers = np.zeros((height, width, 3), np.float32)
    for grain in (4, 32, 256):
        noise = random.random((-(-height // grain), -(-width // grain), 3), np.float32)
        layers += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(layers * 85, 0, 255), np.uint8)


def paste(portrait: RGB, scale: float, onto: RGB, x: int, y: int) -> RGB:
    """A copy of ``onto`` with the portrait, scaled, at its top left corner (x, y)."""
    small = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    result = onto.copy()
    result[y : y + small.shape[0], x : x + small.shape[1]] = small
    return result


def encode(pixels: RGB | Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    """As a file's bytes."""
    image = Image.fromarray(pixels) if isinstance(pixels, np.ndarray) else pixels
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def _pixels(data: bytes) -> RGB:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
