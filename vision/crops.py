"""Faces → square crops, level and framed as the training faces are. Pure geometry."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from seollem.vision.geometry import Face, Square
from seollem.vision.images import DEFAULT_LIMITS, RGB


@dataclass(frozen=True, slots=True)
class Framing:
    """How much of a face a crop shows, in shares of the crop's side.

    Attributes:
        eyes_y: of the eyes' midpoint from the top.
        per_eye_distance: crop sides per eye distance.
        per_box: crop sides per side of the face's box, at least. Turned heads bring the eyes
            together but not the face's height.
    """

    eyes_y: float
    per_eye_distance: float
    per_box: float


# FER-2013's faces, measured with BlazeFace, have the eyes at .39 and .36 of the side apart, which
# makes 2.8 eye distances. Faces from elsewhere are read best a fifth tighter about the same centre.
# The mesh's eye distance is .96 of BlazeFace's.
READING = Framing(eyes_y=0.36, per_eye_distance=2.3, per_box=0.86)
OVERSAMPLING = 2  # the warp's resolution over the crop's; the rest is averaged away


def crop_face(pixels: RGB, face: Face, size: int) -> RGB:
    """The face, eyes level, as (size, size, 3). Outside the image its edge is repeated."""
    return cut(pixels, framing(face), size)


def framing(face: Face, wanted: Framing = READING) -> Square:
    """The square that shows the face level, by default as faces are read best."""
    side = max(wanted.per_eye_distance * face.eye_distance, wanted.per_box * face.box.width)
    x, y = face.eyes.mean(axis=0)
    below = (0.5 - wanted.eyes_y) * side  # of the eyes, along the face's own vertical
    x, y = x - math.sin(face.roll) * below, y + math.cos(face.roll) * below
    return Square(float(x), float(y), side, face.roll)


def crop_whole(pixels: RGB, size: int) -> RGB:
    """A picture that is one face already: its edges repeated to a square, at most size × size."""
    height, width = pixels.shape[:2]
    side = max(height, width)
    if side**2 > DEFAULT_LIMITS.max_pixels:  # squared, a long strip would take gigabytes
        shrink = size * OVERSAMPLING / side
        height, width = (max(1, round(length * shrink)) for length in (height, width))
        pixels = np.asarray(
            cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
        side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = cv2.copyMakeBorder(
        pixels, top, side - height - top, left, side - width - left, cv2.BORDER_REPLICATE
    )
    if side > size:
        square = cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(square, np.uint8)


def cut(pixels: RGB, square: Square, size: int) -> RGB:
    """The square's content as (size, size, 3), without aliasing at any scale.

    First the surroundings are averaged down to about the resolution asked for, then turned, so
    that a face of 900 px costs no more than one of 100 px.
    """
    fine = size * OVERSAMPLING
    height, width = pixels.shape[:2]
    reach = square.side * math.sqrt(0.5) + 2  # half the diagonal, and a pixel to interpolate with
    left, right = _span(square.x, reach, width)
    top, bottom = _span(square.y, reach, height)
    part = pixels[top:bottom, left:right]
    shrink = min(1.0, fine / square.side)
    if shrink < 1.0:
        columns = max(1, round(part.shape[1] * shrink))
        rows = max(1, round(part.shape[0] * shrink))
        part = np.asarray(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    # warpAffine counts from the first pixel's centre, to_image from its corner: half a pixel apart.
    scale = np.array([part.shape[1] / (right - left), part.shape[0] / (bottom - top)])
    to_image = square.to_image(fine)
    step = to_image[:, :2] * scale[:, None]
    offset = (to_image[:, 2] - (left, top)) * scale + step @ (0.5, 0.5) - 0.5
    warped = cv2.warpAffine(
        part,
        np.column_stack([step, offset]),
        (fine, fine),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(warped, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def _span(centre: float, reach: float, length: int) -> tuple[int, int]:
    """The pixels [first, last) within reach of the centre; never none of them."""
    first = min(max(math.floor(centre - reach), 0), length - 1)
    return first, max(min(math.ceil(centre + reach), length), first + 1)
