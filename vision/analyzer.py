"""SelfieAnalyzer: the bytes of a photograph → whose face it is and what it shows.

analyzer = SelfieAnalyzer.from_pretrained()
reading = analyzer.read(Path("selfie.jpg").read_bytes())
reading.face.emotions.top(3)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seollem.vision.crops import crop_face, crop_whole
from seollem.vision.detector import SMALLEST_SIDE, FaceDetector
from seollem.vision.errors import AmbiguousFaces, NoFaceFound
from seollem.vision.geometry import Face
from seollem.vision.images import DEFAULT_LIMITS, RGB, ImageLimits, Picture
from seollem.vision.readings import Box, FaceReading, SelfieReading

if TYPE_CHECKING:
    from seollem.vision.classifier import EmotionClassifier  # loads torch

# px: what a large JPEG is decoded to at first. That is enough for the detectors (which see 384 px)
# and for a face of a sixth of the picture; where it is not, the whole picture is decoded.
FIRST_LOOK_SIDE = 640
PIXELS_PER_CROP_PIXEL = 2  # of the largest face, or the whole picture is decoded
NO_FACE = (
    "No face was found in this picture. Please send one in which your face is well lit, not too "
    "small and seen from the front."
)


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face that waits to be read.

    ``box`` lies within the upright image; ``score`` is the detector's, in [0, 1]; ``crop`` is RGB
    HWC uint8, square, level, framed as the training faces are.
    """

    box: Box
    score: float
    crop: RGB


class SelfieAnalyzer:
    """Reads selfies. Safe to call from several threads, with the same answers as in series.

    Args:
        subject_ratio: how many times the area of the second largest face the largest must have to
            be taken for the sender's own. 1.6 in area is a quarter more in height: less than an
            arm's length apart, two people are together in the picture.
        conclusive_at: least probability of the top emotion to speak of it; None takes the model's.
        limits: what a picture may weigh.
    """

    def __init__(
        self,
        *,
        classifier: "EmotionClassifier",
        detector: FaceDetector,
        subject_ratio: float = 1.6,
        conclusive_at: float | None = None,
        limits: ImageLimits = DEFAULT_LIMITS,
    ) -> None:
        if subject_ratio < 1:
            raise ValueError(f"subject_ratio is {subject_ratio}; the largest face is at least 1")
        self._classifier = classifier
        self._detector = detector
        self._subject_ratio = subject_ratio
        self._conclusive_at = classifier.conclusive_at if conclusive_at is None else conclusive_at
        self._limits = limits
        self.model_id = classifier.model_id
        self.labels = classifier.labels

    @classmethod
    def from_pretrained(
        cls,
        model: str | Path | None = None,
        *,
        threads: int | None = None,
        subject_ratio: float = 1.6,
        conclusive_at: float | None = None,
        limits: ImageLimits = DEFAULT_LIMITS,
    ) -> "SelfieAnalyzer":
        """With the embedded models, or another emotion checkpoint: a local folder or hub name.

        Args:
            threads: torch's thread count, for the whole process; None leaves it as it is.

        Raises:
            BrokenWeights: a model's files are missing, altered, or of another architecture.
            MissingLibrary: MediaPipe does not load here.
        """
        from seollem.vision.classifier import EmotionClassifier

        return cls(
            classifier=EmotionClassifier.from_pretrained(model, threads=threads),
            detector=FaceDetector(),
            subject_ratio=subject_ratio,
            conclusive_at=conclusive_at,
            limits=limits,
        )

    def read(self, data: bytes, labels: Sequence[str] | None = None) -> SelfieReading:
        """Read a photograph with its sender in it.

        Args:
            data: the file's bytes: JPEG, PNG, WebP or GIF.
            labels: emotions to choose between, in Korean or English; None means ``self.labels``.

        Raises:
            UnreadableImage, ImageTooLarge: see ``Picture``.
            NoFaceFound: nobody is in it.
            AmbiguousFaces: several people are, and none is clearly the largest.
            LabelError: no label, a blank one, or one twice.
        """
        faces = self.find(data)
        subject = self.subject_of(faces)
        return SelfieReading(self.predict(faces, labels), subject, self.model_id)

    def read_crop(self, data: bytes, labels: Sequence[str] | None = None) -> SelfieReading:
        """Read a picture that is one face already, cut out as a face data set's are.

        Raises: as ``read``; NoFaceFound here means less than 16 px in width or height.
        """
        return SelfieReading(self.predict([self.take_crop(data)], labels), 0, self.model_id)

    def find(self, data: bytes) -> tuple[FoundFace, ...]:
        """Every face of a photograph, largest first, yet to be read: the first half of ``read``.

        Raises:
            UnreadableImage, ImageTooLarge, NoFaceFound: as ``read``.
        """
        picture = Picture(data, self._limits)
        pixels = picture.decode(FIRST_LOOK_SIDE)
        faces = self._detector.find(pixels)
        is_reduced = pixels.shape[1] < picture.width or pixels.shape[0] < picture.height
        needed = PIXELS_PER_CROP_PIXEL * self._classifier.crop_size
        if is_reduced and (not faces or faces[0].box.width < needed):
            pixels = picture.decode()
            faces = self._detector.find(pixels)
        if not faces:
            raise NoFaceFound(NO_FACE)
        found = (self._cut_out(face, pixels, picture) for face in faces)
        return tuple(sorted(found, key=lambda face: -face.box.area))

    def take_crop(self, data: bytes) -> FoundFace:
        """A picture that is one face already, yet to be read: the first half of ``read_crop``."""
        picture = Picture(data, self._limits)
        if min(picture.width, picture.height) < SMALLEST_SIDE:
            raise NoFaceFound(
                f"The picture has {picture.width} × {picture.height} pixels: too few to show a "
                f"face. Please send one of {SMALLEST_SIDE} pixels and more."
            )
        crop = crop_whole(picture.decode(), self._classifier.crop_size)
        return FoundFace(Box(0.0, 0.0, float(picture.width), float(picture.height)), 1.0, crop)

    def predict(
        self, faces: Sequence[FoundFace], labels: Sequence[str] | None = None
    ) -> tuple[FaceReading, ...]:
        """What faces show, in one batch, be they of one picture or of many.

        Raises:
            LabelError: no label, a blank one, or one twice.
        """
        readings = self._classifier.read([face.crop for face in faces], labels)
        return tuple(
            FaceReading(
                box=face.box,
                score=face.score,
                emotions=emotions,
                is_conclusive=max(emotions.values()) >= self._conclusive_at,
            )
            for face, emotions in zip(faces, readings, strict=True)
        )

    def subject_of(self, faces: Sequence[FoundFace]) -> int:
        """Which of the faces, largest first, is the sender's own.

        Raises:
            AmbiguousFaces: the largest is not clearly larger than the next.
        """
        if len(faces) > 1 and faces[0].box.area < self._subject_ratio * faces[1].box.area:
            raise AmbiguousFaces(
                f"{len(faces)} faces are in this picture and none is clearly the largest. Please "
                "send one in which yours is.",
                len(faces),
            )
        return 0

    def close(self) -> None:
        """Free the detectors' memory."""
        self._detector.close()

    def _cut_out(self, face: Face, pixels: RGB, picture: Picture) -> FoundFace:
        """``face`` and ``pixels`` may be of a reduced copy; the box is the picture's own."""
        across, down = picture.width / pixels.shape[1], picture.height / pixels.shape[0]
        left, right = max(face.box.x, 0.0), min(face.box.x + face.box.width, pixels.shape[1])
        top, bottom = max(face.box.y, 0.0), min(face.box.y + face.box.height, pixels.shape[0])
        box = Box(left * across, top * down, (right - left) * across, (bottom - top) * down)
        return FoundFace(box, face.score, crop_face(pixels, face, self._classifier.crop_size))
