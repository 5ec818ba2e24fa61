"""A selfie and the words beside it, of which one can be read where the other cannot."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from seollem.bot.wording.failures import answer
from seollem.bot.wording.locales import text
from seollem.scoring.fusion import Reading
from seollem.scoring.readings import MessageReading
from seollem.scoring.turns import Source
from seollem.vision.errors import ModelError, SelfieError
from seollem.vision.readings import SelfieReading

T = TypeVar("T")
Problem = SelfieError | ModelError  # of one half alone; whatever else goes wrong, both wait for


@dataclass(frozen=True, slots=True)
class Read:
    """What was read; ``problem``: why one half gave no reading where the other did."""

    reading: Reading
    problem: Problem | None = None


async def read_halves(
    selfie: Callable[[], Awaitable[SelfieReading]] | None,
    message: Callable[[], Awaitable[MessageReading]] | None,
) -> Read:
    """Read what there is, the selfie first; either alone is enough.

    Raises:
        SelfieError, ModelError: nothing gave a reading; the selfie's problem, if it has one.
        ValueError: there is neither.
    """
    face, of_face = await _half(selfie)
    words, of_words = await _half(message)
    problem = of_face or of_words
    if face is None and words is None and problem is not None:
        raise problem
    return Read(Reading(face, words), problem)


async def _half(read: Callable[[], Awaitable[T]] | None) -> tuple[T | None, Problem | None]:
    try:
        return None if read is None else await read(), None
    except (SelfieError, ModelError) as problem:
        return None, problem


def unread_half(problem: Problem, source: Source, locale: object) -> str:
    """What to tell people about the half that was not read; ``source`` is what was.

    What is wrong with a picture speaks for itself; of a model, it is told what it leaves unread.
    """
    if isinstance(problem, SelfieError):
        return answer(problem, locale)
    return f"{text(f'{source}.alone', locale)} {answer(problem, locale)}"
