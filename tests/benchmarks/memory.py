"""Resident memory of the bot: models loaded, selfies and words read, charts drawn. Linux only.

    python tests/benchmarks/memory.py [--selfies 20]

Everything of the running bot is there, discord.py and the cogs included, but the connection.
"""

import argparse
import asyncio
import re
import sys
import tempfile
from pathlib import Path

from portrait import full_hd_selfie
from seollem.bot.charts import mood_chart
from seollem.bot.client import SeollemBot
from seollem.bot.extension import add_cogs
from seollem.bot.parts import build_parts
from seollem.bot.settings import Settings
from seollem.scoring.fusion import Reading

TARGET = 900  # MB


async def live(selfies: int, folder: Path) -> None:
    """Do what a day does, in small."""
    parts = await build_parts(Settings(database_url=f"sqlite:///{folder / 'benchmark.db'}"))
    data, user, place = full_hd_selfie(), "local:benchmark", "terminal"
    async with SeollemBot(parts=parts, shard_count=1) as bot:
        await add_cogs(bot, parts)
        for _ in range(selfies):
            reading = Reading(
                await parts.inference.read_selfie(data, user=user),
                await parts.inference.read_message("오늘 정말 행복했어", user=user),
            )
            await parts.engine.record_turn(reading, user=user, place=place)
            turns = await parts.engine.history(user=user, place=place)
            mood = await parts.engine.mood(user=user, place=place)
            await asyncio.to_thread(mood_chart, turns, mood=mood, locale="ko")
        resident, peak = (megabytes(name) for name in ("VmRSS", "VmHWM"))
    await parts.close()
    print(f"resident  {resident:5.0f} MB (target: below {TARGET})")
    print(f"peak      {peak:5.0f} MB")
    if resident >= TARGET:
        sys.exit(1)


def megabytes(name: str) -> float:
    """A line of /proc/self/status in MB of 10⁶ bytes."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--selfies", type=int, default=20)
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(live(parser.parse_args().selfies, Path(place)))
