"""What an explanation says, for a terminal and for Discord alike. Pure."""

import math
from dataclasses import dataclass

from seollem.bot.wording.locales import text
from seollem.bot.wording.names import by_name, emotion_name_in, points, signed
from seollem.scoring.affection import percent
from seollem.scoring.explanations import Explanation

_SEEN = 0.005  # a share that is more than 0% when rounded
_NAMED = 3  # emotions that are named of what moved a mood


@dataclass(frozen=True, slots=True)
class Row:
    """One emotion of a turn: its name, and "31% × +0.91" and "+14.1" with it.

    ``product`` is empty for the row of everything else, of which only the sum is known.
    """

    name: str
    product: str
    moved: str


def rows(why: Explanation, locale: object) -> list[Row]:
    """The emotions that moved the turn, strongest first, then everything else if it moved it."""
    shown = [factor for factor in why.factors if factor.share >= _SEEN]
    rest = why.turn.affection - math.fsum(factor.moved for factor in shown)
    listed = [
        Row(
            name=emotion_name_in(why.turn, factor.label, locale),
            product=f"{factor.share:>4.0%} × {factor.weight:+.2f}",
            moved=signed(factor.moved),
        )
        for factor in shown
    ]
    return listed + ([Row(text("why.rest", locale), "", signed(rest))] if points(rest) else [])


def weights_sentence(face_part: float, locale: object) -> str:
    """How much a face and the words beside it count for."""
    face = round(100 * face_part)  # the two add up to 100 as shown, too
    return text("both.weights", locale, face=f"{face}%", words=f"{100 - face}%")


def turn_sentence(why: Explanation, locale: object) -> str:
    """How the turn moved the conversation."""
    after = f"{percent(why.mood.affection):.0f}"
    if why.before is None:
        return text("why.first", locale, after=after)
    return text("why.moved", locale, before=f"{percent(why.before):.0f}", after=after)


def mood_sentence(why: Explanation, locale: object) -> str:
    """What moved the latest turns on average; the parts add up to the mean that it tells."""
    named = by_name(why.mood.contributions, locale)[:_NAMED]
    rest = why.mean - math.fsum(share for _, share in named)
    parts = [f"{name} {signed(share)}" for name, share in named]
    if points(rest):
        parts.append(f"{text('why.rest', locale)} {signed(rest)}")
    return text(
        "why.mood",
        locale,
        count=why.latest,
        moved=" · ".join(parts),
        mean=f"{percent(why.mean):.0f}",
    )
