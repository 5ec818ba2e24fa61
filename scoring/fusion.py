"""One turn from what a face shows and what the words say. No torch, no I/O.

A selfie and its message are two witnesses, and whoever shows a clearer feeling counts for more:

    c = the greatest probability of an emotion other than "nothing"   (a reading's confidence)
    p(ℓ) = (c_f · p_f(ℓ)/Σp_f + c_m · p_m(ℓ)/Σp_m) / (c_f + c_m)

so that the fused affection is the mean of the two affections, weighted by their confidences. A calm
face leaves the word to a message full of feeling, and a matter-of-fact caption to a laugh. Where
neither shows any feeling, both count alike. This is the linear opinion pool (Stone 1961) with
weights of confidence instead of fixed ones.

The fused probabilities say how much each emotion moves the score, and not which is the clearest: a
face divides its part among eight emotions, words theirs among 44, so that "neutral" at 13% may be
the largest of a turn that is 86% anger of several shades. What a turn is named for is therefore
told by the readings themselves: see ``Reading.leading``.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from seollem.scoring.readings import MessageReading
from seollem.scoring.turns import Source
from seollem.vision.readings import Emotions, SelfieReading

NOTHING = frozenset({"neutral", "없음"})  # labels that say that there is no feeling


def confidence(emotions: Mapping[str, float]) -> float:
    """The greatest probability, in [0, 1], of an emotion that is one."""
    return max((p for label, p in emotions.items() if label not in NOTHING), default=0.0)


def face_weight(face: Mapping[str, float], message: Mapping[str, float]) -> float:
    """How much the face counts for, in [0, 1]; the message counts for the rest."""
    of_face, of_message = confidence(face), confidence(message)
    both = of_face + of_message
    return of_face / both if both > 0.0 else 0.5


def fuse(face: Emotions, message: Emotions) -> Emotions:
    """The two readings as one over the labels of both, the face's first; it sums to 1.

    A label that both know gets both parts. A reading in which nothing has any probability is left
    out.
    """
    weight = face_weight(face, message)
    fused = dict.fromkeys((*face, *message), 0.0)
    for reading, part in ((face, weight), (message, 1.0 - weight)):
        whole = math.fsum(reading.values())
        for label, p in reading.items():
            if p:
                fused[label] += part * p / whole
    return Emotions.of({label: min(p, 1.0) for label, p in fused.items()})  # 1.0000000000000002


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for one turn: a selfie, a message, or both; at least one of them.

    Raises:
        ValueError: neither.
    """

    selfie: SelfieReading | None = None
    message: MessageReading | None = None

    def __post_init__(self) -> None:
        if self.selfie is None and self.message is None:
            raise ValueError("a reading of nothing")

    @property
    def source(self) -> Source:
        """What it was read from."""
        if self.message is None:
            return Source.SELFIE
        return Source.MESSAGE if self.selfie is None else Source.BOTH

    @property
    def emotions(self) -> Emotions:
        """The emotions that are scored."""
        face = self.selfie and self.selfie.face.emotions
        words = self.message and self.message.emotions
        return fuse(face, words) if face and words else face or words or Emotions((), ())

    @property
    def face_part(self) -> float | None:
        """How much the face counts for, in [0, 1], where both were read."""
        if self.selfie is None or self.message is None:
            return None
        return face_weight(self.selfie.face.emotions, self.message.emotions)

    @property
    def leading(self) -> str | None:
        """The emotion that the turn is named for; None: nothing stands out.

        A face that is conclusive stands for its most probable emotion, a message for the most
        probable feeling that is present in it. Where both stand for something, a feeling goes
        before none ("neutral"), and of two feelings that of the half that counts for more.
        """
        halves: list[tuple[bool, float, str]] = []  # is a feeling, confidence, label
        if self.selfie and self.selfie.face.is_conclusive:
            face = self.selfie.face.emotions
            [label] = face.top(1)
            halves.append((label not in NOTHING, confidence(face), label))
        if self.message and self.message.is_conclusive:
            feelings = [label for label in self.message.present if label not in NOTHING]
            halves += [(True, confidence(self.message.emotions), label) for label in feelings[:1]]
        return max(halves, key=lambda half: half[:2])[2] if halves else None

    @property
    def is_conclusive(self) -> bool:
        """Whether the face or the words show something that stands out."""
        return self.leading is not None

    @property
    def model(self) -> str:
        """The model that read it, or both with a plus between them."""
        return " + ".join(part.model for part in (self.selfie, self.message) if part)
