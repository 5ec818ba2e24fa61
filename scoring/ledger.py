"""Changes one conversation's turns and running sums together, in one transaction."""

import math
from collections.abc import Mapping
from datetime import datetime

from seollem.db.histories import History
from seollem.db.records import Conversation, Entry, StoredTurn
from seollem.scoring import moods
from seollem.scoring.affection import RunningMood, turn_affection
from seollem.scoring.explanations import Explanation, explain
from seollem.scoring.fusion import Reading
from seollem.scoring.turns import Forgotten, Mood, Recorded, Turn

KEPT_EMOTIONS = 8  # a turn


def entry_of(reading: Reading, weights: Mapping[str, float]) -> Entry:
    """Score a reading → what a turn keeps of it.

    The eight most probable emotions are kept, and always the leading one, which comes first.

    Raises:
        UnknownLabel: an emotion has no weight.
    """
    emotions, leading = reading.emotions, reading.leading
    labels = [*emotions.top(len(emotions))]
    if leading is not None:
        labels.sort(key=lambda label: label != leading)  # stable: the others keep their order
    kept, others = labels[:KEPT_EMOTIONS], labels[KEPT_EMOTIONS:]
    return Entry(
        source=reading.source,
        affection=turn_affection(emotions, weights),
        emotions={label: emotions[label] for label in kept},
        other_probability=math.fsum(emotions[label] for label in others),
        model=reading.model,
    )


class Ledger:
    """One conversation's turns and running sums, changed together.

    Args:
        history: the person's history, in an open transaction.
        conversation: one of that person's.
        weights: label → current affection weight.
    """

    def __init__(
        self, history: History, conversation: Conversation, weights: Mapping[str, float]
    ) -> None:
        self._history = history
        self._conversation = conversation
        self._weights = weights

    async def add(self, entry: Entry, *, message_id: str | None, at: datetime) -> Recorded:
        """Add a turn at the end."""
        running = moods.running_mood(self._conversation).add(entry.affection)
        stored = await self._history.append(self._conversation, entry, message_id=message_id, at=at)
        await self._carry(running, max(self._conversation.last_at, at))
        return Recorded(moods.turn(stored, running.turns), await self.mood(), is_new=True)

    async def replace(self, old: StoredTurn, entry: Entry) -> Recorded:
        """Replace a turn's reading; its number and time stay."""
        number = await self._history.number_of(old)
        running = moods.running_mood(self._conversation)
        new = await self._history.rewrite(old, entry)
        changed = running.replace(number, old.affection, entry.affection)
        await self._carry(changed, self._conversation.last_at)
        return Recorded(moods.turn(new, number), await self.mood(), is_new=False)

    async def remove(self, turn: StoredTurn) -> Forgotten:
        """Remove a turn and its part of the sums; an empty conversation is deleted."""
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
        """The answer for a turn that is stored already."""
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
