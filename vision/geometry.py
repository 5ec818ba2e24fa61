"""Where faces are, in continuous pixel coordinates of the upright image.

(0, 0) is the top left corner, (0.5, 0.5) the centre of the first pixel; x grows rightwards, y down.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seollem.vision.readings import Box

Points = NDArray[np.float64]  # (N, 2), x and y
Affine = NDArray[np.float64]  # (2, 3): p → A[:, :2] p + A[:, 2]

RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, RIGHT_EAR, LEFT_EAR = range(6)  # the person's own right and left
# Below this share of the box the eyes are too close together (a profile) to tell the roll.
LEAST_EYE_DISTANCE = 0.2


@dataclass(frozen=True, slots=True)
class Face:
    """A face that was found.

    ``box`` is a square around brows, chin and cheeks and may stick out of the image; ``score`` in
    [0, 1] is how sure the detector is; ``keypoints`` are (x, y) of right eye, left eye, nose tip,
    mouth, right ear and left ear.
    """

    box: Box
    score: float
    keypoints: tuple[tuple[float, float], ...]

    @property
    def eyes(self) -> Points:
        """(2, 2): right eye, left eye."""
        return np.array(self.keypoints[RIGHT_EYE : LEFT_EYE + 1])

    @property
    def eye_distance(self) -> float:
        """Pixels."""
        right, left = self.eyes
        return float(np.hypot(*(left - right)))

    @property
    def roll(self) -> float:
        """By how much the head is turned clockwise within the image, radians in (-π, π]."""
        right, left = self.eyes
        across = left - right
        if self.eye_distance < LEAST_EYE_DISTANCE * self.box.width:  # a profile: ask the mouth
            down = np.array(self.keypoints[MOUTH]) - (right + left) / 2
            across = np.array([down[1], -down[0]])
        return float(np.arctan2(across[1], across[0]))


@dataclass(frozen=True, slots=True)
class Square:
    """A square around (x, y), turned clockwise by ``roll`` radians; ``side`` in pixels."""

    x: float
    y: float
    side: float
    roll: float = 0.0

    def to_image(self, size: int) -> Affine:
        """From pixels of the square's content at (size, size) to pixels of the image."""
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        turn = np.array([[cos, -sin], [sin, cos]]) * self.side / size
        corner = (self.x, self.y) - turn @ (size / 2, size / 2)
        return np.column_stack([turn, corner])


def moved(face: Face, to_image: Affine) -> Face:
    """The same face in other coordinates: turned, scaled, shifted."""
    scale = float(np.sqrt(abs(np.linalg.det(to_image[:, :2]))))
    centre = (face.box.x + face.box.width / 2, face.box.y + face.box.height / 2)
    points = np.array([centre, *face.keypoints]) @ to_image[:, :2].T + to_image[:, 2]
    (x, y), *keypoints = ((float(x), float(y)) for x, y in points)
    width, height = face.box.width * scale, face.box.height * scale
    return Face(Box(x - width / 2, y - height / 2, width, height), face.score, tuple(keypoints))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, in [0, 1]."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(0.0, width) * max(0.0, height)
    return shared / (a.area + b.area - shared) if shared else 0.0
