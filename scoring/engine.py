"""ScoringEngine: readings in, turns and moods out; what it knows lives in ``db``.

    engine = ScoringEngine(histories=Histories(database), weights=LabelWeights.load())
    await engine.record_turn(reading, user=, place=, message_id=, at=, agreed_to=)  # Recorded
    await engine.replace_turn(reading, user=, message_id=, agreed_to=)  # Recorded | None
    await engine.recorded(user=, message_id=)                           # Recorded | None
    await engine.mood(user=, place=)                                    # Mood | None
    await engine.history(user=, place=, limit=20)                       # tuple[Turn, ...]
    await engine.explain(user=, place=)                                 # Explanation | None
    await engine.forget_turn(user=, message_id=)                        # Forgotten | None
    await engine.forget_turn(user=, place=, number=)                    # Forgotten | None
    await engine.forget_message(message_id)                             # tuple[Forgotten, ...]

A conversation is one person's in one place. It is over once the silence since its latest moment has
lasted, and the next turn begins another. Turns are numbered in the order in which they are
recorded: one that arrives late, with an earlier ``at``, joins the latest conversation at its end
and moves no moment back. Recording and reading take the same time however long the conversation
is; replacing counts the turns before, and forgetting reads the turns after.

Where agreements are kept in ``seollem.db.consents``, ``agreed_to`` has them checked in the
transaction that
writes: then no turn comes after a withdrawal or an erasure, whichever process it was made in.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from seollem.db.histories import Histories, History
from seollem.db.records import Conversation, StoredTurn
from seollem.scoring.errors import NotAgreed
from seollem.scoring.explanations import Explanation
from seollem.scoring.fusion import Reading
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.ledger import Ledger, entry_of
from seollem.scoring.turns import Forgotten, Mood, Recorded, Turn

SILENCE = timedelta(hours=12)


def _now() -> datetime:
    return datetime.now(UTC)


class ScoringEngine:
    """Keeps the score of affection.

    Args:
        histories: where the turns are kept.
        weights: the affection weight of each emotion.
        silence: how long a conversation stays open after its latest turn; more than zero.
        clock: tells the present, an aware moment.

    Raises:
        ValueError: the silence is not more than zero.
    """

    def __init__(
        self,
        *,
        histories: Histories,
        weights: LabelWeights,
        silence: timedelta = SILENCE,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        if silence <= timedelta(0):
            raise ValueError(f"a silence of {silence} never begins")
        self._histories = histories
        self._weights = weights
        self._silence = silence
        self._clock = clock

    async def record_turn(
        self,
        reading: Reading,
        *,
        user: str,
        place: str,
        message_id: str | None = None,
        at: datetime | None = None,
        agreed_to: int | None = None,
    ) -> Recorded:
        """Score a reading and keep it; a message that was counted before is not counted again.

        Args:
            reading: what was read; see ``seollem.scoring.ledger.entry_of`` for what is kept.
            user: whose turn it is, e.g. "discord:123".
            place: where, e.g. "guild:456".
            message_id: the message it came from; a person's message counts once, in any place.
            at: when, with a time zone; now by default.
            agreed_to: the notice's version that the person must have agreed to; None: no check.

        Raises:
            NotAgreed: the person does not agree to ``agreed_to``.
            UnknownLabel: an emotion has no weight.
            ValueError: ``at`` has no time zone.
            DatabaseError: nothing was recorded.
        """
        entry = entry_of(reading, self._weights)
        at = self._clock() if at is None else at
        if at.utcoffset() is None:
            raise ValueError(f"a datetime without a time zone: {at!r}")
        async with self._histories.writing(user) as history:
            await _check_agreement(history, agreed_to)
            if message_id is not None and (known := await history.by_message(message_id)):
                return await (await self._holding(history, known)).recorded(known)
            current = await history.current(place)
            if current is None or self._is_over(current, at):
                current = await history.begin(place, at)
            ledger = Ledger(history, current, self._weights)
            return await ledger.add(entry, message_id=message_id, at=at)

    async def replace_turn(
        self,
        reading: Reading,
        *,
        user: str,
        message_id: str,
        agreed_to: int | None = None,
    ) -> Recorded | None:
        """Score a message anew, as when it was edited; None where it has no turn.

        The turn keeps its number and its moment.

        Raises:
            NotAgreed: the person does not agree to ``agreed_to``, as for ``record_turn``.
            UnknownLabel: an emotion has no weight.
            DatabaseError: nothing was changed.
        """
        entry = entry_of(reading, self._weights)
        async with self._histories.writing(user) as history:
            await _check_agreement(history, agreed_to)
            old = await history.by_message(message_id)
            return await (await self._holding(history, old)).replace(old, entry) if old else None

    async def recorded(self, *, user: str, message_id: str) -> Recorded | None:
        """The turn of a message, in any conversation, with that one's mood; None: it has none."""
        async with self._histories.reading(user) as history:
            stored = await history.by_message(message_id)
            return await (await self._holding(history, stored)).recorded(stored) if stored else None

    async def mood(self, *, user: str, place: str) -> Mood | None:
        """The mood of the current conversation; None where there is none or it is over.

        Its trend and contributions look at the latest ten turns at most.
        """
        async with self._histories.reading(user) as history:
            ledger = await self._current(history, place)
            return await ledger.mood() if ledger else None

    async def history(self, *, user: str, place: str, limit: int = 20) -> tuple[Turn, ...]:
        """The latest turns of the current conversation, at most ``limit``, newest last."""
        async with self._histories.reading(user) as history:
            ledger = await self._current(history, place)
            return await ledger.turns(limit) if ledger else ()

    async def explain(self, *, user: str, place: str) -> Explanation | None:
        """Why the current conversation's latest turn scored as it did; None: there is none."""
        async with self._histories.reading(user) as history:
            ledger = await self._current(history, place)
            return await ledger.explanation() if ledger else None

    async def forget_turn(
        self,
        *,
        user: str,
        message_id: str | None = None,
        place: str | None = None,
        number: int | None = None,
    ) -> Forgotten | None:
        """Remove a turn as if it had never been; None where there is no such turn.

        Named by its message, in any conversation, or by its place and its number in the current
        conversation there.

        Raises:
            TypeError: named in neither way, or in both.
            DatabaseError: nothing was removed.
        """
        async with self._histories.writing(user) as history:
            match message_id, place, number:
                case str(), None, None:
                    turn = await history.by_message(message_id)
                case None, str(), int():
                    current = await self._open(history, place)
                    turn = await history.by_number(current, number) if current else None
                case _:
                    raise TypeError("forget_turn takes message_id, or place and number")
            return await (await self._holding(history, turn)).remove(turn) if turn else None

    async def forget_message(self, message_id: str) -> tuple[Forgotten, ...]:
        """Remove whatever came from a message, whoever wrote it; empty where nothing did."""
        gone = [
            await self.forget_turn(user=user, message_id=message_id)
            for user in await self._histories.authors(message_id)
        ]
        return tuple(forgotten for forgotten in gone if forgotten)

    async def _holding(self, history: History, turn: StoredTurn) -> Ledger:
        """The ledger of the conversation that holds a turn."""
        return Ledger(history, await history.conversation_of(turn), self._weights)

    async def _current(self, history: History, place: str) -> Ledger | None:
        """The ledger of the conversation that is open in this place."""
        conversation = await self._open(history, place)
        return Ledger(history, conversation, self._weights) if conversation else None

    async def _open(self, history: History, place: str) -> Conversation | None:
        """The conversation that is open in this place at this moment."""
        conversation = await history.current(place)
        is_open = conversation is not None and not self._is_over(conversation, self._clock())
        return conversation if is_open else None

    def _is_over(self, conversation: Conversation, at: datetime) -> bool:
        return at - conversation.last_at >= self._silence


async def _check_agreement(history: History, agreed_to: int | None) -> None:
    if agreed_to is not None and not await history.has_agreed(agreed_to):
        raise NotAgreed(f"the person does not agree to version {agreed_to} of the notice")
