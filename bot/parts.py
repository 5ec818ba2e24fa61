"""The composition root: from settings to the parts that the bot and the terminal chat share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.bot.inference import Inference
from seollem.bot.settings import Settings
from seollem.db.channels import Channels
from seollem.db.consents import Consents
from seollem.db.engine import create_engine, migrate
from seollem.db.histories import Histories
from seollem.db.people import People
from seollem.scoring.engine import ScoringEngine
from seollem.scoring.label_weights import LabelWeights
from seollem.vision.system_libraries import system_libraries

if TYPE_CHECKING:
    from seollem.scoring.text import (
        TextEmotionClassifier,  # seconds of imports; the worker's business
    )
    from seollem.vision.analyzer import SelfieAnalyzer


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a conversation needs; close it when the program ends."""

    settings: Settings
    database: AsyncEngine
    engine: ScoringEngine
    weights: LabelWeights
    consents: Consents
    channels: Channels
    people: People
    inference: Inference

    async def close(self) -> None:
        """End the worker thread, then the database's connections."""
        await self.inference.close()
        await self.database.dispose()


async def build_parts(settings: Settings) -> Parts:
    """Open and migrate the database and wire the parts; a model is loaded at its first use.

    Raises:
        DatabaseError: the database cannot be opened, read, written or migrated.
        WeightsError: the table of label weights is missing or damaged.
    """
    inference = Inference(
        load=lambda: load_analyzer(settings),
        load_text=lambda: load_text(settings),
        queue_size=settings.queue_size,
    )
    return await _remember(settings, inference, LabelWeights.load())


@asynccontextmanager
async def rehearsal(parts: Parts) -> AsyncIterator[Parts]:
    """The same parts with an empty memory of their own, gone when the context ends."""
    with TemporaryDirectory(prefix="seollem-") as folder:
        url = f"sqlite:///{Path(folder) / 'rehearsal.db'}"
        settings = parts.settings.model_copy(update={"database_url": url})
        rehearsed = await _remember(settings, parts.inference, parts.weights)
        try:
            yield rehearsed
        finally:
            await rehearsed.database.dispose()


async def _remember(settings: Settings, inference: Inference, weights: LabelWeights) -> Parts:
    database = create_engine(settings.database_url)
    try:
        await migrate(database)
    except BaseException:
        await database.dispose()
        raise
    return Parts(
        settings=settings,
        database=database,
        engine=ScoringEngine(
            histories=Histories(database),
            weights=weights,
            silence=timedelta(hours=settings.silence_hours),
        ),
        weights=weights,
        consents=Consents(database),
        channels=Channels(database),
        people=People(database),
        inference=inference,
    )


def load_analyzer(settings: Settings) -> "SelfieAnalyzer":
    """Runs in the worker thread: seconds of imports that the event loop must not wait for.

    Raises:
        ModelError: the models cannot be loaded.
    """
    from transformers.utils.logging import disable_progress_bar

    from seollem.vision.images import ImageLimits

    with system_libraries():
        from seollem.vision.analyzer import SelfieAnalyzer

    disable_progress_bar()  # it would be drawn across the conversation
    return SelfieAnalyzer.from_pretrained(
        settings.vision_model,
        threads=settings.threads,
        subject_ratio=settings.subject_ratio,
        limits=ImageLimits(
            max_bytes=settings.max_image_mb * 1_000_000,
            max_pixels=settings.max_image_megapixels * 1_000_000,
        ),
    )


def load_text(settings: Settings) -> "TextEmotionClassifier":
    """Runs in the worker thread, likewise.

    Raises:
        ModelError: the model cannot be loaded.
    """
    from transformers.utils.logging import disable_progress_bar

    from seollem.scoring.text import TextEmotionClassifier

    disable_progress_bar()
    return TextEmotionClassifier.from_pretrained(settings.text_model, threads=settings.threads)
