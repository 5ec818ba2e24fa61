"""Where faces cannot be found for want of a system library, words are read all the same."""

import sys
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from seollem.bot.inference import Inference
from seollem.bot.parts import load_analyzer
from seollem.bot.settings import load_settings
from seollem.bot.wording.failures import answer
from seollem.bot.wording.halves import read_halves
from seollem.scoring.readings import MessageReading
from seollem.scoring.text import TextEmotionClassifier
from seollem.vision.errors import MissingLibrary
from seollem.vision.readings import Emotions


class Words:
    """A reader of messages that always finds joy."""

    def read(self, messages: Any) -> tuple[MessageReading, ...]:
        reading = MessageReading(Emotions.of({"기쁨": 0.9}), ("기쁨",), True, "stand-in")
        return tuple(reading for _ in messages)


async def test_the_words_beside_a_selfie_are_read_without_the_selfie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("analyzer", "crops", "detector"):
        monkeypatch.delitem(sys.modules, f"seollem.vision.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "cv2", None)
    inference = Inference(
        load=lambda: load_analyzer(load_settings(tmp_path / ".env")),
        load_text=lambda: cast("TextEmotionClassifier", Words()),
        queue_size=4,
    )
    try:
        read = await read_halves(
            partial(inference.read_selfie, b"me", user="a"),
            partial(inference.read_message, "너무 기뻐", user="a"),
        )
    finally:
        await inference.close()
    assert read.reading.message is not None
    assert isinstance(read.problem, MissingLibrary)
    assert "seollem doctor" in str(read.problem)
    assert "seollem doctor" in answer(read.problem, "en")
