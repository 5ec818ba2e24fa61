"""How long ``/mood`` takes in a long conversation, and how long a turn takes to record there.

    python tests/benchmarks/mood.py [--turns 100000] [--database URL]

Writes a conversation of that many turns into a database of its own (a temporary SQLite file, unless
``--database`` names an empty one), asks for its mood 500 times and records 200 further turns.
Prints the median and the 99th percentile of both.
"""

import argparse
import asyncio
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.engine import create_engine, migrate
from seollem.db.histories import Histories
from seollem.db.models import ConversationRow, TurnRow
from seollem.scoring.affection import turn_affection
from seollem.scoring.engine import ScoringEngine
from seollem.scoring.fusion import Reading
from seollem.scoring.label_weights import LabelWeights
from seollem.scoring.readings import MessageReading
from seollem.vision.readings import Emotions

TARGET = 0.005  # seconds, for the median of /mood
WHO: dict[str, Any] = {"user": "discord:1", "place": "dm"}


async def fill(database: AsyncEngine, turns: int, weights: LabelWeights) -> Emotions:
    """A conversation of many turns, written in bulk; the emotions of its last turn."""
    random = Random(1)
    now = datetime.now(UTC)
    rows, emotions, weighted_sum = [], Emotions((), ()), 0.0
    for number in range(1, turns + 1):
        draws = [random.random() for _ in range(8)]
        labels = list(weights)[:8]
        emotions = Emotions.of(
            (label, draw / math.fsum(draws)) for label, draw in zip(labels, draws, strict=True)
        )
        affection = turn_affection(emotions, weights)
        weighted_sum += number * affection
        rows.append(
            {
                "conversation_id": 1,
                "user_id": WHO["user"],
                "message_id": str(10**18 + number),
                "source": "selfie",
                "affection": affection,
                "emotions": dict(emotions),
                "other_probability": 0.0,
                "model": "seollem-face-1",
                "at": now - timedelta(seconds=turns - number),
            }
        )
    conversation = {
        "id": 1,
        "user_id": WHO["user"],
        "place": WHO["place"],
        "turns": turns,
        "weighted_sum": weighted_sum,
        "lost": 0.0,
        "last_at": now,
    }
    async with database.begin() as connection:
        await connection.execute(insert(ConversationRow).values(conversation))
        await connection.execute(insert(TurnRow), rows)
    return emotions


async def timed(work: Callable[[], Awaitable[object]], times: int) -> list[float]:
    """Seconds for each of some calls, shortest first."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - begun)
    return sorted(seconds)


async def measure(url: str, turns: int) -> float:
    """Print the figures; the median seconds of ``/mood``."""
    database = create_engine(url)
    await migrate(database)
    weights = LabelWeights.load()
    emotions = await fill(database, turns, weights)
    engine = ScoringEngine(histories=Histories(database), weights=weights)

    async def mood() -> None:
        found = await engine.mood(**WHO)
        if found is None or found.turns != turns:
            raise RuntimeError(f"asked for the mood of {turns} turns, got {found}")

    reading = Reading(message=MessageReading(emotions, (), False, "m"))

    async def record() -> None:
        await engine.record_turn(reading, **WHO)

    figures = {"/mood": await timed(mood, 500), "record a turn": await timed(record, 200)}
    await database.dispose()
    for name, seconds in figures.items():
        p99 = seconds[int(len(seconds) * 0.99)]
        print(
            f"{name:<14} median {statistics.median(seconds) * 1e3:6.2f} ms   "
            f"p99 {p99 * 1e3:6.2f} ms   ({turns:,} turns)"
        )
    return statistics.median(figures["/mood"])


def main() -> int:
    """0 when the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=100_000)
    parser.add_argument("--database", metavar="URL")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'memory.db'}"
        median = asyncio.run(measure(url, options.turns))
    print(f"target: /mood below {TARGET * 1e3:.0f} ms")
    return int(median >= TARGET)


if __name__ == "__main__":
    sys.exit(main())
