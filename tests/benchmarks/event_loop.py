"""How long the event loop is kept waiting while selfies are read.

    python tests/benchmarks/event_loop.py [--selfies 50]

Queues the selfies at once and, until the last is answered, measures how much later than asked a
short sleep ends. Prints the median, the 99th percentile and the worst.
"""

import argparse
import asyncio
import statistics
import sys
import time

from portrait import full_hd_selfie
from seollem.bot.inference import Inference
from seollem.bot.parts import load_analyzer, load_text
from seollem.bot.settings import Settings

TARGET = 0.050  # seconds, for the 99th percentile
PERIOD = 0.002  # seconds between two looks at the clock


async def lags(selfies: int) -> list[float]:
    """Seconds of delay, one for each look at the clock, while the selfies are read."""
    data = full_hd_selfie()
    settings = Settings(queue_size=selfies)
    inference = Inference(
        load=lambda: load_analyzer(settings),
        load_text=lambda: load_text(settings),
        queue_size=selfies,
    )
    await inference.warm()
    late: list[float] = []

    async def watch() -> None:
        while True:
            due = time.perf_counter() + PERIOD
            await asyncio.sleep(PERIOD)
            late.append(max(time.perf_counter() - due, 0.0))

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(inference.read_selfie(data, user=f"local:{i}") for i in range(selfies)))
    watcher.cancel()
    await inference.close()
    return late


def main() -> int:
    """0 when the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--selfies", type=int, default=50)
    late = sorted(asyncio.run(lags(parser.parse_args().selfies)))
    p99 = late[min(int(len(late) * 0.99), len(late) - 1)]
    print(f"median  {statistics.median(late) * 1e3:7.2f} ms of {len(late)} looks")
    print(f"p99     {p99 * 1e3:7.2f} ms (target: below {TARGET * 1e3:.0f})")
    print(f"worst   {late[-1] * 1e3:7.2f} ms")
    return int(p99 >= TARGET)


if __name__ == "__main__":
    sys.exit(main())
