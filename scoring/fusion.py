"""One turn from what a face shows and what the words say. No torch, no I/O.

A selfie and its message are two witnesses, and whoever shows a clearer feeling counts for more:

    c = the greatest probability of an emotion other than "nothing"   (a reading's confidence)
    p(ℓ) = (c_f · p_f(ℓ)/Σp_f + c_m · p_m(ℓ)/Σp_m) / (c_f + c_m)

so that the fused affection is the mean of the two affections, weighted by their confidences. A calm
face leaves the word to a message full of feeling, and a matter-of-fact caption to a laugh. Where
neither shows any feeling, both count alike. This is the linear opinion pool (Stone 1961) with
weights of confidence instead of fixed ones.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scoring.readings import MessageReading
from scoring.turns import Source
from vision.readings import Emotions, SelfieReading

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
    def is_conclusive(self) -> bool:
        """Whether the face or the words show something that stands out."""
        return (self.selfie is not None and self.selfie.face.is_conclusive) or (
            self.message is not None and self.message.is_conclusive
        )

    @property
    def model(self) -> str:
        """The model that read it, or both with a plus between them."""
        return " + ".join(part.model for part in (self.selfie, self.message) if part)
