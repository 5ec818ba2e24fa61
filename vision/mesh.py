"""MediaPipe's face mesh (Kartynnik et al. 2019): 468 points of a face, and whether it is one.

The model file is MediaPipe's; OpenCV runs it. MediaPipe 0.10.33's own FaceLandmarker expects a
newer model with 478 points and mixes up the coordinates of this one's.
"""

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from seollem.vision.crops import cut
from seollem.vision.errors import BrokenWeights
from seollem.vision.geometry import Face, Points, Square
from seollem.vision.images import RGB
from seollem.vision.readings import Box

MESH = "face_landmark.tflite"
SHA256 = "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814"
INPUT_SIDE = 192  # px
POINTS = 468
EYE_CORNERS = (33, 133, 362, 263)  # right eye: outer, inner; left eye: inner, outer
NOSE_TIP, FOREHEAD, CHIN = 1, 10, 152
LIPS, CHEEKS = (13, 14), (234, 454)
# BlazeFace's box, square around brows, chin and cheeks, on 374 photographs (medians)
BOX_PER_HEIGHT = 0.91  # box sides per distance of forehead and chin
BOX_PER_WIDTH = 1.11  # box sides per distance of the cheeks


@dataclass(frozen=True, slots=True)
class Mesh:
    """What the network sees in a square of a picture.

    Attributes:
        presence: logit that the square holds an upright face; upright faces have 9 and more,
            typically 25, upside down ones at most 13, most other things less than 0.
        points: (468, 2), pixels of the picture.
    """

    presence: float
    points: Points

    @property
    def face(self) -> Face:
        """The face that the points outline; its score is left at 0."""
        points = self.points
        ends = (EYE_CORNERS[:2], EYE_CORNERS[2:])
        right, left = (points[list(corners)].mean(axis=0) for corners in ends)
        mouth = points[list(LIPS)].mean(axis=0)
        keypoints = np.array([right, left, points[NOSE_TIP], mouth, *points[list(CHEEKS)]])
        height = float(np.hypot(*(points[CHIN] - points[FOREHEAD])))
        width = float(np.hypot(*np.subtract(*points[list(CHEEKS)])))
        side = (BOX_PER_HEIGHT * height + BOX_PER_WIDTH * width) / 2
        x, y = (points.max(axis=0) + points.min(axis=0)) / 2
        box = Box(float(x) - side / 2, float(y) - side / 2, side, side)
        return Face(box, 0.0, tuple((float(a), float(b)) for a, b in keypoints))


class FaceMesh:
    """The mesh network. Safe to call from several threads: one call at a time goes through.

    Raises:
        BrokenWeights: the file is missing or altered.
    """

    def __init__(self, path: Path) -> None:
        try:
            model = path.read_bytes()
        except OSError as error:
            raise BrokenWeights(
                f"The face mesh {path} cannot be read. Please install Seollem again."
            ) from error
        if hashlib.sha256(model).hexdigest() != SHA256:
            raise BrokenWeights(f"The face mesh {path} is damaged. Please install Seollem again.")
        self._net = cv2.dnn.readNetFromTFLite(np.frombuffer(model, np.uint8))
        self._outputs = self._net.getUnconnectedOutLayersNames()
        self._lock = threading.Lock()

    def fit(self, pixels: RGB, square: Square) -> Mesh:
        """Fit the mesh to what the square shows of ``pixels``, (height, width, 3) uint8 RGB."""
        blob = cv2.dnn.blobFromImage(cut(pixels, square, INPUT_SIDE), 1 / 255)
        with self._lock:
            self._net.setInput(blob)
            outputs = self._net.forward(self._outputs)
        points, presence = sorted((np.ravel(output) for output in outputs), key=len, reverse=True)
        to_image = square.to_image(INPUT_SIDE)
        flat = points.reshape(POINTS, 3)[:, :2].astype(np.float64)
        return Mesh(float(presence[0]), flat @ to_image[:, :2].T + to_image[:, 2])
