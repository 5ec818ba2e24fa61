"""What host bots are told: listen to ``on_affection_turn`` and ``on_mood_change``.

    @host.listen()
    async def on_affection_turn(event: AffectionTurn) -> None:
        print(event.user_id, event.turn.percent)

They are told only of people who agreed, in the process that they share; nothing leaves it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from discord.ext import commands

from seollem.bot.identities import guild_id_of, user_id_of
from seollem.scoring.turns import Forgotten, Mood, Recorded, Turn

HostBot = commands.Bot | commands.AutoShardedBot


@dataclass(frozen=True, slots=True)
class AffectionTurn:
    """A turn was scored. ``guild_id`` is None in direct messages."""

    turn: Turn
    user_id: int
    guild_id: int | None
    channel_id: int | None


@dataclass(frozen=True, slots=True)
class MoodChange:
    """A mood is another: a turn came, changed or went, or all were erased; None: none is left."""

    mood: Mood | None
    user_id: int
    guild_id: int | None


def announce_turn(
    bot: HostBot,
    recorded: Recorded,
    *,
    user_id: int,
    guild_id: int | None,
    channel_id: int | None,
) -> None:
    """Dispatch both events for a turn, unless it was counted before."""
    if recorded.is_new:
        bot.dispatch("affection_turn", AffectionTurn(recorded.turn, user_id, guild_id, channel_id))
        announce_mood(bot, recorded.mood, user_id=user_id, guild_id=guild_id)


def announce_mood(bot: HostBot, mood: Mood | None, *, user_id: int, guild_id: int | None) -> None:
    """Dispatch a change of mood."""
    bot.dispatch("mood_change", MoodChange(mood, user_id, guild_id))


def announce_forgotten(bot: HostBot, forgotten: Forgotten) -> None:
    """Dispatch the change of mood that a forgotten turn leaves."""
    announce_mood(
        bot,
        forgotten.mood,
        user_id=user_id_of(forgotten.user),
        guild_id=guild_id_of(forgotten.place),
    )


def announce_erased(bot: HostBot, places: Iterable[str], *, user_id: int) -> None:
    """Dispatch that somebody has no mood any more in the places where there was one."""
    for place in places:
        announce_mood(bot, None, user_id=user_id, guild_id=guild_id_of(place))
