"""What reading a message gives: a plain, frozen value."""

from dataclasses import dataclass

from seollem.vision.readings import Emotions


@dataclass(frozen=True, slots=True)
class MessageReading:
    """The emotions in a message.

    Attributes:
        emotions: label → probability in [0, 1]; a message may carry several, so they do not sum
            to 1.
        present: the labels at or above their thresholds, most probable first; may be empty.
        is_conclusive: whether any emotion is present.
        model: what read it.
    """

    emotions: Emotions
    present: tuple[str, ...]
    is_conclusive: bool
    model: str
