"""From stored rows to the turns and moods that people see."""

from collections.abc import Mapping, Sequence

from seollem.db.records import Conversation, StoredTurn
from seollem.scoring.affection import TREND_TURNS, RunningMood, moves, shares, trend
from seollem.scoring.turns import Contribution, Mood, Source, Turn
from seollem.vision.readings import Emotions

LATEST_TURNS = 2 * TREND_TURNS  # what a mood's trend and contributions look at


def running_mood(conversation: Conversation) -> RunningMood:
    """The sums that a conversation carries."""
    return RunningMood(conversation.turns, conversation.weighted_sum, conversation.lost)


def turn(stored: StoredTurn, number: int) -> Turn:
    """A stored turn with its 1-based number."""
    return Turn(
        number=number,
        source=Source(stored.source),
        affection=stored.affection,
        emotions=Emotions.of(stored.emotions),
        model=stored.model,
        at=stored.at,
        message_id=stored.message_id,
        other_probability=stored.other_probability,
    )


def mood(
    conversation: Conversation, latest: Sequence[StoredTurn], weights: Mapping[str, float]
) -> Mood:
    """A conversation's state; ``latest`` are its latest ``LATEST_TURNS`` turns, oldest first.

    The contributions are computed from the emotions that were kept of each turn, with the weights
    of today.
    """
    running = running_mood(conversation)
    moved = shares([moves(stored.emotions, weights, stored.other_probability) for stored in latest])
    return Mood(
        turns=running.turns,
        affection=running.affection,
        total=running.total,
        trend=trend([stored.affection for stored in latest]),
        contributions=tuple(Contribution(label, share) for label, share in moved.items()),
    )
