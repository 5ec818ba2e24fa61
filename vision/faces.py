"""BlazeFace (Bazarevsky et al. 2019) through MediaPipe, which no other place knows."""

import contextlib
import hashlib
import os
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from seollem.vision.errors import BrokenWeights
from seollem.vision.geometry import Face
from seollem.vision.images import RGB
from seollem.vision.readings import Box
from seollem.vision.system_libraries import system_libraries

WEIGHTS = Path(__file__).parent / "weights"
FULL_RANGE = "face_detection_full_range_sparse.tflite"  # input 192 px: faces from .09 of the side
SHORT_RANGE = "face_detection_short_range.tflite"  # input 128 px: from .2, with better keypoints
SHA256 = {
    FULL_RANGE: "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
    SHORT_RANGE: "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
}
LEAST_SCORE = 0.3  # detections below are not even asked for


class BlazeFace:
    """One detector file. Safe to call from several threads: one call at a time goes through.

    Raises:
        BrokenWeights: the file is missing or altered.
        MissingLibrary: MediaPipe does not load here.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._model = path.read_bytes()
        except OSError as error:
            raise BrokenWeights(
                f"The face detector {path} cannot be read. Please install Seollem again."
            ) from error
        if hashlib.sha256(self._model).hexdigest() != SHA256[path.name]:
            raise BrokenWeights(
                f"The face detector {path} is damaged. Please install Seollem again."
            )
        self._lock = threading.Lock()
        self._task: Any = self._open()

    def detect(self, view: RGB) -> list[Face]:
        """Faces in the view's pixels, most probable first.

        Raises:
            ValueError, RuntimeError: MediaPipe cannot take this view; the next one is unharmed.
        """
        from mediapipe import Image, ImageFormat

        image = Image(image_format=ImageFormat.SRGB, data=np.ascontiguousarray(view))
        with self._lock:
            if self._task is None:
                self._task = self._open()
            try:
                detections = self._task.detect(image).detections
            except (ValueError, RuntimeError):
                self._drop()  # a task that raised once raises ever after
                raise
        faces = [_from_detection(detection, view.shape) for detection in detections]
        return sorted(faces, key=lambda face: -face.score)

    def close(self) -> None:
        """Free the memory. Another ``detect`` would open the file again."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._task = None
        self._close_task()

    @system_libraries()
    def _open(self) -> Any:
        from mediapipe import Image, ImageFormat
        from mediapipe.tasks.python.core.base_options import BaseOptions
        from mediapipe.tasks.python.vision import FaceDetector, FaceDetectorOptions

        options = FaceDetectorOptions(
            base_options=BaseOptions(model_asset_buffer=self._model),
            min_detection_confidence=LEAST_SCORE,
        )
        with _silent_stderr():
            task = FaceDetector.create_from_options(options)
            task.detect(Image(image_format=ImageFormat.SRGB, data=np.zeros((8, 8, 3), np.uint8)))
        self._close_task = weakref.finalize(self, _close, task)  # at the latest when Python ends
        return task


def _close(task: Any) -> None:
    """Close a task for good, so that it does not close itself once more when it is collected.

    A broken task's close raises, as does any once Python ends; called again by the garbage
    collector, it waits forever for a thread that is gone.
    """
    with contextlib.suppress(ValueError, RuntimeError):
        task.close()
    task._handle = None


def _from_detection(detection: Any, shape: tuple[int, ...]) -> Face:
    """MediaPipe's detection → Face, in the view's pixels; its keypoints are shares of the view."""
    height, width = shape[:2]
    box = detection.bounding_box
    side = float(max(box.width, box.height))  # they differ only where the view cuts the face
    x, y = box.origin_x + (box.width - side) / 2, box.origin_y + (box.height - side) / 2
    return Face(
        Box(x, y, side, side),
        min(1.0, float(detection.categories[0].score)),
        tuple((point.x * width, point.y * height) for point in detection.keypoints),
    )


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Keep MediaPipe's start-up chatter, which no setting turns off, off the terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
