"""What each emotion means, in other words: descriptions.json, read.

Sentence encoders hardly know some of the labels' names (한심함, 서러움), and a name alone carries
its spelling along. So every emotion is described as a thesaurus would: by sixteen synonyms and
short phrases, eight Korean and eight English. The words of affection and their opposites, which
are the two ends of the axis that gives labels their weights, have twelve each.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seollem.vision.prompts import words_of

# What is read in faces, in the words of KOTE's label of that name; neutral and contempt have their
# own.
_FACE_EMOTIONS = {
    "happiness": ("행복", "기쁨"),
    "surprise": ("놀람",),
    "sadness": ("슬픔",),
    "anger": ("화남/분노",),
    "disgust": ("역겨움/징그러움",),
    "fear": ("공포/무서움",),
}

Descriptions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Anchors:
    """The ends of the axis of affection: words, each with the phrases that describe it."""

    affection: Descriptions
    opposites: Descriptions


def _read() -> tuple[Descriptions, Anchors]:
    table: dict[str, dict[str, list[str]]] = json.loads(
        Path(__file__).with_suffix(".json").read_text("utf-8")
    )
    emotions, affection, opposites = (
        {word: tuple(phrases) for word, phrases in table[part].items()}
        for part in ("emotions", "affection", "opposites")
    )
    for emotion, labels in _FACE_EMOTIONS.items():
        emotions[emotion] = tuple(phrase for label in labels for phrase in emotions[label])
    return emotions, Anchors(affection, opposites)


DESCRIPTIONS, ANCHORS = _read()


def phrases_of(label: str) -> tuple[str, ...]:
    """A label's description; of a label that has none, the words of its name."""
    return DESCRIPTIONS.get(label) or words_of(label)
