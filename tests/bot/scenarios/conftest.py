"""The simulated Discord of the scenarios, whose models at the edge are stand-ins."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
import simcord

from seollem.bot.client import SeollemBot
from seollem.bot.inference import Inference
from seollem.bot.parts import Parts, build_parts
from seollem.bot.settings import Settings
from seollem.scoring.text import TextEmotionClassifier
from seollem.vision.analyzer import SelfieAnalyzer
from stand_in_models import StandInAnalyzer, StandInTextClassifier
from world import World

# seconds: patient with a busy machine, and shorter than the notes that delete themselves stay
SETTLE_TIMEOUT = 20.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.simcord(settle_timeout=SETTLE_TIMEOUT))


@pytest.fixture
def analyzer() -> StandInAnalyzer:
    return StandInAnalyzer()


@pytest.fixture
def classifier() -> StandInTextClassifier:
    return StandInTextClassifier()


@pytest.fixture
async def parts(
    tmp_path: Path, analyzer: StandInAnalyzer, classifier: StandInTextClassifier
) -> AsyncIterator[Parts]:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=f"sqlite:///{tmp_path / 'seollem.db'}",
    )
    built = await build_parts(settings)
    inference = Inference(
        load=lambda: cast("SelfieAnalyzer", analyzer),
        load_text=lambda: cast("TextEmotionClassifier", classifier.load()),
        queue_size=2,
    )
    parts = dataclasses.replace(built, inference=inference)
    yield parts
    analyzer.may_answer.set()
    classifier.may_answer.set()
    await parts.close()


@pytest.fixture
def simcord_bot(parts: Parts) -> SeollemBot:
    return SeollemBot(parts=parts, shard_count=1)


@pytest.fixture
async def world(
    simcord_env: simcord.Env,
    simcord_bot: SeollemBot,
    parts: Parts,
    analyzer: StandInAnalyzer,
    classifier: StandInTextClassifier,
    tmp_path: Path,
) -> AsyncIterator[World]:
    database = tmp_path / "seollem.db"
    world = World(simcord_env, simcord_bot, parts, analyzer, classifier, database)
    await world.open()
    yield world
    analyzer.may_answer.set()
    classifier.may_answer.set()


@pytest.fixture
def in_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's Discord speaks Korean; the simulation's own are all American."""
    original = simcord.interactions.base_payload

    def base_payload(*args: Any, **kwargs: Any) -> Any:
        record, payload = original(*args, **kwargs)
        return record, payload | {"locale": "ko"}

    monkeypatch.setattr(simcord.interactions, "base_payload", base_payload)
