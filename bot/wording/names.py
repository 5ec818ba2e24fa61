"""How emotions and what they moved are called, in a terminal and on Discord. Pure."""

from collections.abc import Iterable

from seollem.bot.wording.locales import language, text
from seollem.scoring.affection import percent
from seollem.scoring.emotions import KOTE, display_name
from seollem.scoring.turns import Contribution, Source, Turn


def emotion_name(label: str, locale: object) -> str:
    """The label in the language of a locale."""
    return display_name(label, language(locale))


def emotion_name_in(turn: Turn, label: str, locale: object) -> str:
    """The label as an emotion of a turn: where a face and words were read, it says from which.

    Faces and messages have vocabularies of their own, in which some names are the same.
    """
    name = emotion_name(label, locale)
    if turn.source is not Source.BOTH:
        return name
    source = Source.MESSAGE if label in KOTE else Source.SELFIE
    return f"{text(f'source.{source}', locale)} {name}"


def leading_key(turn: Turn) -> str:
    """The text that names a turn's leading emotion.

    Where two readings share the turn, the clearest emotion need not have the largest part in it.
    """
    return "both.leading" if turn.source is Source.BOTH else "reading.leading"


def by_name(contributions: Iterable[Contribution], locale: object) -> list[tuple[str, float]]:
    """What each emotion moved, strongest first; labels of one name count together."""
    moved: dict[str, float] = {}
    for contribution in contributions:
        name = emotion_name(contribution.label, locale)
        moved[name] = moved.get(name, 0.0) + contribution.share
    return sorted(moved.items(), key=lambda item: -abs(item[1]))


def points(share: float) -> float:
    """A share of affection in points of the 0–100 scale, rounded as it is shown."""
    return round(percent(share) - percent(0.0), 1) + 0.0  # + 0.0: no minus before a zero


def signed(share: float) -> str:
    """A share of affection in points of the 0–100 scale, with its sign."""
    return f"{points(share):+.1f}"
