"""One conversation within a transaction: its turns and its sums change together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from seollem.db.histories import History
from seollem.db.records import Conversation, StoredTurn
from seollem.scoring import moods
from seollem.scoring.affection import RunningMood, turn_affection
from seollem.scoring.explanations import Explanation, explain
from seollem.scoring.turns import Forgotten, Mood, Recorded, Source, Turn
from seollem.vision.readings import Emotions

KEPT_EMOTIONS = 8  # of a turn, the most probable ones


@dataclass(frozen=True, slots=True)
class Entry:
    """A scored reading as a turn keeps it; ``rest`` is the sum of what is not in ``emotions``."""

    source: Source
    affection: float
    emotions: Emotions
    rest: float
    model: str

    @classmethod
    def of(
        cls,
        emotions: Emotions,
        weights: Mapping[str, float],
        *,
        source: Source,
        model: str,
        leading: str | None,
    ) -> "Entry":
        """Score a reading; of its emotions, the leading one and the most probable are kept.

        Raises:
            UnknownLabel: an emotion has no weight.
        """
        affection = turn_affection(emotions, weights)
        labels = [*emotions.top(len(emotions))]
        if leading is not None:
            labels.sort(key=lambda label: label != leading)  # stable: the others keep their order
        kept, others = labels[:KEPT_EMOTIONS], labels[KEPT_EMOTIONS:]
        rest = math.fsum(emotions[label] for label in others)
        remembered = Emotions.of((label, emotions[label]) for label in kept)
        return cls(source, affection, remembered, rest, model)


class Ledger:
    """Keeps one conversation's account.

    Args:
        history: the person's history, in an open transaction.
        conversation: one of that person's.
        weights: label → affection weight, as they are today.
    """

    def __init__(
        self, history: History, conversation: Conversation, weights: Mapping[str, float]
    ) -> None:
        self._history = history
        self._conversation = conversation
        self._weights = weights

    async def add(self, entry: Entry, *, message_id: str | None, at: datetime) -> Recorded:
        """Put a turn at the end."""
        running = moods.running_mood(self._conversation).add(entry.affection)
        stored = await self._history.append(
            self._conversation,
            message_id=message_id,
            source=entry.source,
            affection=entry.affection,
            emotions=entry.emotions,
            rest=entry.rest,
            model=entry.model,
            at=at,
        )
        await self._carry(running, max(self._conversation.last_at, at))
        return Recorded(moods.turn(stored, running.turns), await self.mood(), is_new=True)

    async def replace(self, old: StoredTurn, entry: Entry) -> Recorded:
        """Give a turn another reading; its number and its moment stay."""
        number = await self._history.number_of(old)
        running = moods.running_mood(self._conversation)
        new = await self._history.rewrite(
            old,
            source=entry.source,
            affection=entry.affection,
            emotions=entry.emotions,
            rest=entry.rest,
            model=entry.model,
        )
        changed = running.replace(number, old.affection, entry.affection)
        await self._carry(changed, self._conversation.last_at)
        return Recorded(moods.turn(new, number), await self.mood(), is_new=False)

    async def remove(self, turn: StoredTurn) -> Forgotten:
        """Take a turn out as if it had never been; the conversation ends with its last one."""
        number = await self._history.number_of(turn)
        later_sum = math.fsum(await self._history.affections_after(turn))
        running = moods.running_mood(self._conversation)
        left = running.remove(number, turn.affection, later_sum)
        await self._history.remove(turn)
        mood = None
        if left.turns:
            await self._carry(left, await self._history.latest_moment(self._conversation))
            mood = await self.mood()
        else:
            await self._history.end(self._conversation)
        place = self._conversation.place
        return Forgotten(turn.user_id, place, moods.turn(turn, number), mood)

    async def recorded(self, stored: StoredTurn) -> Recorded:
        """A turn that was counted before."""
        turn = moods.turn(stored, await self._history.number_of(stored))
        return Recorded(turn, await self.mood(), is_new=False)

    async def turns(self, limit: int) -> tuple[Turn, ...]:
        """The latest turns, at most ``limit``, newest last."""
        return self._numbered(await self._history.latest(self._conversation, limit))

    async def mood(self) -> Mood:
        """The conversation's state."""
        latest = await self._history.latest(self._conversation, moods.LATEST_TURNS)
        return moods.mood(self._conversation, latest, self._weights)

    async def explanation(self) -> Explanation:
        """Why the latest turn scored as it did."""
        latest = await self._history.latest(self._conversation, moods.LATEST_TURNS)
        mood = moods.mood(self._conversation, latest, self._weights)
        running = moods.running_mood(self._conversation)
        before = running.remove(self._conversation.turns, latest[-1].affection, 0.0)
        return explain(
            self._numbered(latest), mood, before.affection if before.turns else None, self._weights
        )

    def _numbered(self, latest: tuple[StoredTurn, ...]) -> tuple[Turn, ...]:
        first = self._conversation.turns - len(latest) + 1
        return tuple(moods.turn(stored, n) for n, stored in enumerate(latest, start=first))

    async def _carry(self, running: RunningMood, last_at: datetime) -> None:
        self._conversation = await self._history.update(
            self._conversation,
            turns=running.turns,
            weighted_sum=running.weighted_sum,
            lost=running.lost,
            last_at=last_at,
        )
