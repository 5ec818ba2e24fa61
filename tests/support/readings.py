"""Readings for the tests of the engine: of a face, or of words."""

from seollem.scoring.fusion import Reading
from seollem.scoring.readings import MessageReading
from seollem.vision.readings import Box, Emotions, FaceReading, SelfieReading


def face(emotions: Emotions, model: str = "face-1") -> Reading:
    """One face, which shows its most probable emotion."""
    found = FaceReading(Box(0.0, 0.0, 48.0, 48.0), 0.9, emotions, is_conclusive=True)
    return Reading(SelfieReading((found,), 0, model))


def words(emotions: Emotions, *present: str, model: str = "text-1") -> Reading:
    """Words, in which the emotions of ``present`` are present."""
    return Reading(message=MessageReading(emotions, present, bool(present), model))
