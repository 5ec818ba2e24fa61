"""ScoringEngine: readings in, turns and moods out; what it knows lives in ``db``.

    engine = ScoringEngine(histories=Histories(database), weights=LabelWeights.load())
    await engine.record_turn(user=, place=, source=, emotions=, leading=, model=, message_id=, at=)
                                                                        # Recorded
    await engine.replace_turn(user=, message_id=, source=, emotions=, leading=, model=)
                                                                        # Recorded | None
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
"""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from db.histories import Histories, History
from db.records import Conversation, StoredTurn
from scoring import moods
from scoring.affection import RunningMood, turn_affection
from scoring.explanations import Explanation, explain
from scoring.label_weights import LabelWeights
from scoring.turns import Forgotten, Mood, Recorded, Source, Turn
from vision.readings import Emotions

SILENCE = timedelta(hours=12)
KEPT_EMOTIONS = 8  # of a turn, the most probable ones


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
        *,
        user: str,
        place: str,
        source: Source,
        emotions: Emotions,
        model: str,
        leading: str | None = None,
        message_id: str | None = None,
        at: datetime | None = None,
    ) -> Recorded:
        """Score a reading and keep it; a message that was counted before is not counted again.

        Args:
            user: whose turn it is, e.g. "discord:123".
            place: where, e.g. "guild:456".
            source: what was read.
            emotions: label → probability; the eight most probable are kept, and of the others
                what they sum to.
            model: the model that read it.
            leading: the emotion that the turn is named for; the most probable one by default.
            message_id: the message it came from; a person's message counts once, in any place.
            at: an aware moment, now by default.

        Raises:
            UnknownLabel: an emotion has no weight.
            ValueError: ``at`` has no time zone.
            DatabaseError: nothing was recorded.
        """
        affection = turn_affection(emotions, self._weights)
        kept, rest = _kept(emotions, leading)
        at = self._clock() if at is None else at
        if at.utcoffset() is None:
            raise ValueError(f"a datetime without a time zone: {at!r}")
        async with self._histories.writing(user) as history:
            if message_id is not None and (known := await history.by_message(message_id)):
                return await self._recorded(history, known)
            current = await history.current(place)
            if current is None or self._is_over(current, at):
                current = await history.begin(place, at)
            added = moods.running_mood(current).add(affection)
            stored = await history.append(
                current,
                message_id=message_id,
                source=source,
                affection=affection,
                emotions=kept,
                rest=rest,
                model=model,
                at=at,
            )
            current = await _keep(history, current, added, max(current.last_at, at))
            return Recorded(
                moods.turn(stored, added.turns), await self._mood(history, current), is_new=True
            )

    async def replace_turn(
        self,
        *,
        user: str,
        message_id: str,
        source: Source,
        emotions: Emotions,
        model: str,
        leading: str | None = None,
    ) -> Recorded | None:
        """Score a message anew, as when it was edited; None where it has no turn.

        The turn keeps its number and its moment.

        Raises:
            UnknownLabel: an emotion has no weight.
            DatabaseError: nothing was changed.
        """
        affection = turn_affection(emotions, self._weights)
        kept, rest = _kept(emotions, leading)
        async with self._histories.writing(user) as history:
            old = await history.by_message(message_id)
            if old is None:
                return None
            number = await history.number_of(old)
            conversation = await history.conversation_of(old)
            changed = moods.running_mood(conversation).replace(number, old.affection, affection)
            new = await history.rewrite(
                old, source=source, affection=affection, emotions=kept, rest=rest, model=model
            )
            conversation = await _keep(history, conversation, changed, conversation.last_at)
            mood = await self._mood(history, conversation)
            return Recorded(moods.turn(new, number), mood, is_new=False)

    async def recorded(self, *, user: str, message_id: str) -> Recorded | None:
        """The turn of a message, in any conversation, with that one's mood; None: it has none."""
        async with self._histories.reading(user) as history:
            stored = await history.by_message(message_id)
            return await self._recorded(history, stored) if stored else None

    async def mood(self, *, user: str, place: str) -> Mood | None:
        """The mood of the current conversation; None where there is none or it is over.

        Its trend and contributions look at the latest ten turns at most.
        """
        async with self._histories.reading(user) as history:
            conversation = await self._current(history, place)
            return await self._mood(history, conversation) if conversation else None

    async def history(self, *, user: str, place: str, limit: int = 20) -> tuple[Turn, ...]:
        """The latest turns of the current conversation, at most ``limit``, newest last."""
        async with self._histories.reading(user) as history:
            conversation = await self._current(history, place)
            if conversation is None:
                return ()
            stored = await history.latest(conversation, limit)
            return tuple(moods.turn(turn, n) for n, turn in _numbered(conversation, stored))

    async def explain(self, *, user: str, place: str) -> Explanation | None:
        """Why the current conversation's latest turn scored as it did; None: there is none."""
        async with self._histories.reading(user) as history:
            conversation = await self._current(history, place)
            if conversation is None:
                return None
            stored = await history.latest(conversation, moods.LATEST_TURNS)
            mood = moods.mood(conversation, stored, self._weights)
            before = moods.running_mood(conversation).remove(
                conversation.turns, stored[-1].affection, 0.0
            )
            return explain(
                [moods.turn(turn, n) for n, turn in _numbered(conversation, stored)],
                mood,
                before.affection if before.turns else None,
                self._weights,
            )

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
                    current = await self._current(history, place)
                    turn = await history.by_number(current, number) if current else None
                case _:
                    raise TypeError("forget_turn takes message_id, or place and number")
            return await self._forget(history, turn) if turn else None

    async def forget_message(self, message_id: str) -> tuple[Forgotten, ...]:
        """Remove whatever came from a message, whoever wrote it; empty where nothing did."""
        gone = [
            await self.forget_turn(user=user, message_id=message_id)
            for user in await self._histories.authors(message_id)
        ]
        return tuple(forgotten for forgotten in gone if forgotten)

    async def _recorded(self, history: History, stored: StoredTurn) -> Recorded:
        turn = moods.turn(stored, await history.number_of(stored))
        conversation = await history.conversation_of(stored)
        return Recorded(turn, await self._mood(history, conversation), is_new=False)

    async def _forget(self, history: History, turn: StoredTurn) -> Forgotten:
        number = await history.number_of(turn)
        conversation = await history.conversation_of(turn)
        later_sum = math.fsum(await history.affections_after(turn))
        left = moods.running_mood(conversation).remove(number, turn.affection, later_sum)
        await history.remove(turn)
        mood = None
        if left.turns:
            last_at = await history.latest_moment(conversation)
            mood = await self._mood(history, await _keep(history, conversation, left, last_at))
        else:
            await history.end(conversation)
        return Forgotten(turn.user_id, conversation.place, moods.turn(turn, number), mood)

    async def _current(self, history: History, place: str) -> Conversation | None:
        """The conversation that is open in this place at this moment."""
        conversation = await history.current(place)
        is_open = conversation is not None and not self._is_over(conversation, self._clock())
        return conversation if is_open else None

    def _is_over(self, conversation: Conversation, at: datetime) -> bool:
        return at - conversation.last_at >= self._silence

    async def _mood(self, history: History, conversation: Conversation) -> Mood:
        latest = await history.latest(conversation, moods.LATEST_TURNS)
        return moods.mood(conversation, latest, self._weights)


def _numbered(
    conversation: Conversation, latest: Sequence[StoredTurn]
) -> Iterable[tuple[int, StoredTurn]]:
    return enumerate(latest, start=conversation.turns - len(latest) + 1)


def _kept(emotions: Emotions, leading: str | None) -> tuple[Emotions, float]:
    """What a turn remembers of its emotions: the leading one, the most probable, the rest's sum."""
    labels = [*emotions.top(len(emotions))]
    if leading is not None:
        labels.sort(key=lambda label: label != leading)  # stable: the others keep their order
    kept, others = labels[:KEPT_EMOTIONS], labels[KEPT_EMOTIONS:]
    rest = math.fsum(emotions[label] for label in others)
    return Emotions.of((label, emotions[label]) for label in kept), rest


async def _keep(
    history: History, conversation: Conversation, running: RunningMood, last_at: datetime
) -> Conversation:
    return await history.update(
        conversation,
        turns=running.turns,
        weighted_sum=running.weighted_sum,
        lost=running.lost,
        last_at=last_at,
    )
