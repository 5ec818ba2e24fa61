"""A 1080p selfie, from bytes to recorded turn, against a CLIP pipeline on the same core.

    python tests/benchmarks/selfie.py [--rounds 30]

The other side is Transformers' zero-shot-image-classification pipeline with a CLIP ViT-B/32 of
random weights (speed does not depend on them) and the same eight labels. Its tokenizer knows each
word of the prompts whole, as CLIP's own does, so both sides have as much text to read as usual.
The two take turns, so that what else the machine does touches both. Prints medians and the ratio.
"""

import argparse
import asyncio
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image

from portrait import full_hd_selfie
from seollem.bot.parts import build_parts, load_analyzer
from seollem.bot.settings import Settings
from seollem.scoring.emotions import FACE_EMOTIONS
from seollem.scoring.fusion import Reading

TARGET = 5.0  # times faster
PROMPT = "This is a photo of {}."


def clip_pipeline() -> Callable[[bytes], object]:
    """The pipeline as a function of a picture's bytes."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import (
        CLIPConfig,
        CLIPImageProcessorPil,
        CLIPModel,
        PreTrainedTokenizerFast,
        pipeline,
    )

    words = sorted({*PROMPT.replace(".", " .").format("").split(), *FACE_EMOTIONS})
    begin, end = 49406, 49407  # CLIP's own numbers: the model looks for the end
    vocabulary = {word: number for number, word in enumerate(words, start=1)}
    vocabulary |= {"<unk>": 0, "<|startoftext|>": begin, "<|endoftext|>": end}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[("<|startoftext|>", begin), ("<|endoftext|>", end)],
    )
    classify = pipeline(
        "zero-shot-image-classification",
        model=CLIPModel(CLIPConfig()).eval(),
        tokenizer=PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token="<|endoftext|>", model_max_length=77
        ),
        image_processor=CLIPImageProcessorPil(),
        device="cpu",
    )

    def read(data: bytes) -> object:
        image = Image.open(io.BytesIO(data)).convert("RGB")
        return classify(image, candidate_labels=list(FACE_EMOTIONS), hypothesis_template=PROMPT)

    return read


async def compare(rounds: int, folder: Path) -> float:
    """Time both sides in turn; returns how many times faster ours is."""
    import torch

    torch.set_num_threads(1)
    selfie = full_hd_selfie()
    settings = Settings(database_url=f"sqlite:///{folder / 'benchmark.db'}", threads=1)
    parts, analyzer, clip = await build_parts(settings), load_analyzer(settings), clip_pipeline()

    async def ours() -> None:
        reading = analyzer.read(selfie)
        await parts.engine.record_turn(Reading(reading), user="local:benchmark", place="terminal")

    async def theirs() -> None:
        clip(selfie)

    seconds: dict[str, list[float]] = {"Seollem": [], "CLIP ViT-B/32 pipeline": []}
    for round_number in range(rounds + 2):  # the first two warm both up
        for times, run in zip(seconds.values(), (ours, theirs), strict=True):
            elapsed = await timed(run)
            if round_number >= 2:
                times.append(elapsed)
    analyzer.close()
    await parts.close()
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, median in medians.items():
        fastest, slowest = min(seconds[name]), max(seconds[name])
        print(f"{name:<24}{median * 1e3:7.1f} ms  ({fastest * 1e3:.1f} to {slowest * 1e3:.1f})")
    return medians["CLIP ViT-B/32 pipeline"] / medians["Seollem"]


async def timed(run: Callable[[], Awaitable[None]]) -> float:
    """Seconds that a run takes."""
    start = time.perf_counter()
    await run()
    return time.perf_counter() - start


def main() -> int:
    """0 when the target is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    with tempfile.TemporaryDirectory() as folder:
        ratio = asyncio.run(compare(rounds, Path(folder)))
    print(f"ratio {ratio:.1f} (target: {TARGET:.0f} or more)")
    return int(ratio < TARGET)


if __name__ == "__main__":
    sys.exit(main())
