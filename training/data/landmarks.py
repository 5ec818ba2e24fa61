"""Faces that somebody else located → crops framed as FER-2013's faces are."""

import numpy as np
from numpy.typing import NDArray

from seollem.vision.crops import Framing, framing
from seollem.vision.geometry import Face, Square
from seollem.vision.readings import Box

# The 68 points that most face data sets use (Sagonas et al. 2013), as slices.
POINTS = 68
RIGHT_EYE, LEFT_EYE, MOUTH = slice(36, 42), slice(42, 48), slice(48, 68)
NOSE_TIP, RIGHT_EAR, LEFT_EAR = 30, 0, 16
FER2013 = Framing(eyes_y=0.39, per_eye_distance=2.8, per_box=1.1)  # of its training faces
LEAST_SIDE = 8.0  # pixels; a smaller face shows nothing


def crop_from_landmarks(numbers: NDArray[np.float64]) -> Square | None:
    """The crop of a face with 68 landmarks (136,): x and y of each, in pixels.

    None where they are not 68 points, or no face.
    """
    if numbers.size != 2 * POINTS or not np.isfinite(numbers).all():
        return None
    points = numbers.reshape(POINTS, 2)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    side = float(max(right - left, bottom - top))
    centre = ((left + right) / 2, (top + bottom) / 2)
    means = [points[part].mean(axis=0) for part in (RIGHT_EYE, LEFT_EYE)]
    keypoints = [*means, points[NOSE_TIP], points[MOUTH].mean(axis=0)]
    keypoints += [points[RIGHT_EAR], points[LEFT_EAR]]
    face = Face(
        box=Box(float(centre[0]) - side / 2, float(centre[1]) - side / 2, side, side),
        score=1.0,
        keypoints=tuple((float(x), float(y)) for x, y in keypoints),
    )
    crop = framing(face, FER2013)
    return crop if crop.side >= LEAST_SIDE else None


def crop_from_box(box: NDArray[np.float64]) -> Square | None:
    """The square about a face's box: x and y of its corner, width and height, in pixels.

    None where it is no box.
    """
    if box.size != 4 or not np.isfinite(box).all() or min(box[2:]) < LEAST_SIDE:
        return None
    x, y, width, height = (float(number) for number in box)
    return Square(x + width / 2, y + height / 2, max(width, height))
