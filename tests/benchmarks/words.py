"""A message, from words to recorded turn, on one core; and many at once, as a history is read.

    python tests/benchmarks/words.py [--rounds 50]

Prints the median and the 99th percentile of reading alone and of reading and recording, in
milliseconds a message, for the embedded reader and a database in a temporary folder.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from seollem.bot.parts import build_parts, load_text
from seollem.bot.settings import Settings
from seollem.bot.wording.words import words_of
from seollem.scoring.fusion import Reading

TARGET = 0.010  # seconds a message, for the median of reading
MESSAGES = (
    "오늘 너 만나서 너무 설레고 행복했어",
    "진짜 짜증나 꼴도 보기 싫어 ㅋㅋ",
    "내일 세 시에 회의실에서 봐",
    "I was so happy to see you today, my heart is still fluttering",
    "that was the worst movie I have seen in years lol",
    "어제는 하루 종일 비가 와서 집에서 밀린 드라마를 봤는데 마지막 회에서 결국 울어 버렸어 ㅠㅠ",
)


async def measure(rounds: int, folder: Path) -> float:
    """Print the figures; the median seconds of reading a message."""
    import torch

    torch.set_num_threads(1)
    settings = Settings(database_url=f"sqlite:///{folder / 'benchmark.db'}", threads=1)
    parts, classifier = await build_parts(settings), load_text(settings)
    read, recorded = [], []
    for round_number in range(rounds + 2):  # the first two warm everything up
        for message in MESSAGES:
            begun = time.perf_counter()
            [reading] = classifier.read([words_of(message) or ""])
            read_at = time.perf_counter()
            await parts.engine.record_turn(
                Reading(message=reading), user="local:benchmark", place="terminal"
            )
            if round_number >= 2:
                read.append(read_at - begun)
                recorded.append(time.perf_counter() - begun)
    history = list(MESSAGES) * 32
    begun = time.perf_counter()
    classifier.read([f"{message} {n}" for n, message in enumerate(history)])  # no two alike
    batched = (time.perf_counter() - begun) / len(history)
    await parts.close()
    for name, seconds in (("read", read), ("read and record", recorded)):
        p99 = sorted(seconds)[int(len(seconds) * 0.99)]
        print(f"{name:<16} median {statistics.median(seconds) * 1e3:6.2f} ms", end="   ")
        print(f"p99 {p99 * 1e3:6.2f} ms")
    print(f"{'in a batch':<16} mean   {batched * 1e3:6.2f} ms   ({len(history)} messages)")
    return statistics.median(read)


def main() -> int:
    """0 when the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    with tempfile.TemporaryDirectory() as folder:
        median = asyncio.run(measure(rounds, Path(folder)))
    print(f"target: a message read in {TARGET * 1e3:.0f} ms or less")
    return int(median > TARGET)


if __name__ == "__main__":
    sys.exit(main())
