"""Stand-ins for the models at the bot's edge, which record what they were given.

They know what each picture shows by its bytes and what words say by a word in them, and can be held
to be slow.
"""

import threading
from collections.abc import Sequence

from seollem.scoring.emotions import FACE_EMOTIONS, KOTE
from seollem.scoring.readings import MessageReading
from seollem.vision.errors import AmbiguousFaces, BrokenWeights, NoFaceFound, UnreadableImage
from seollem.vision.readings import Box, Emotions, FaceReading, SelfieReading

SHOWN = {b"happy": ("happiness", 0.86), b"sad": ("sadness", 0.72), b"hazy": ("neutral", 0.2)}
SAID = {"사랑": "아껴주는", "love": "아껴주는", "싫어": "화남/분노", "hate": "화남/분노"}


class StandInAnalyzer:
    """What the analyzer would answer, by the picture's bytes."""

    def __init__(self) -> None:
        self.read_pictures: list[bytes] = []
        self.broken: BrokenWeights | None = None
        self.is_reading = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def read(self, data: bytes, labels: Sequence[str] | None = None) -> SelfieReading:
        self.read_pictures.append(data)
        self.is_reading.set()
        assert self.may_answer.wait(60)
        if self.broken is not None:
            raise self.broken
        if data == b"bug":
            raise ZeroDivisionError("a bug of ours")
        if data == b"cat":
            raise NoFaceFound("nobody")
        if data == b"crowd":
            raise AmbiguousFaces("three of a size", count=3)
        if data not in SHOWN:
            raise UnreadableImage("not a picture")
        leading, p = SHOWN[data]
        rest = (1.0 - p) / (len(FACE_EMOTIONS) - 1)
        emotions = Emotions.of((label, p if label == leading else rest) for label in FACE_EMOTIONS)
        face = FaceReading(Box(0, 0, 64, 64), 0.9, emotions, is_conclusive=p > 0.4)
        return SelfieReading((face,), 0, "stand-in-1")

    def close(self) -> None:
        pass


class StandInTextClassifier:
    """What the reader of messages would answer, by a word of SAID in them."""

    def __init__(self) -> None:
        self.read_messages: list[str] = []
        self.loads = 0
        self.broken: BrokenWeights | None = None
        self.is_reading = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def load(self) -> "StandInTextClassifier":
        self.loads += 1
        if self.broken is not None:
            raise self.broken
        return self

    def read(self, messages: Sequence[str]) -> tuple[MessageReading, ...]:
        self.read_messages += messages
        self.is_reading.set()
        assert self.may_answer.wait(60)
        return tuple(map(self._reading, messages))

    def _reading(self, message: str) -> MessageReading:
        if "bug" in message:
            raise ZeroDivisionError("a bug of ours")
        present = tuple({label: None for word, label in SAID.items() if word in message})
        rest = 0.02 if present else 0.1
        emotions = Emotions.of((label, 0.8 if label in present else rest) for label in KOTE)
        return MessageReading(emotions, present, bool(present), "text-stand-in-1")
