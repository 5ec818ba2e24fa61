"""The composition root: from settings to the parts that the bot and the terminal chat share."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.inference import Inference
from bot.settings import Settings
from db.channels import Channels
from db.consents import Consents
from db.engine import create_engine, migrate
from db.histories import Histories
from db.people import People
from scoring.engine import ScoringEngine
from scoring.label_weights import LabelWeights
from vision.analyzer import SelfieAnalyzer


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
    """Open and migrate the database and wire the parts; the model is loaded at its first use.

    Raises:
        DatabaseError: the database cannot be opened, read, written or migrated.
        WeightsError: the table of label weights is missing or damaged.
    """
    database = create_engine(settings.database_url)
    try:
        await migrate(database)
        weights = LabelWeights.load()
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
        inference=Inference(load=lambda: _load_analyzer(settings), queue_size=settings.queue_size),
    )


def _load_analyzer(settings: Settings) -> SelfieAnalyzer:
    """Runs in the worker thread: seconds of imports that the event loop must not wait for."""
    from vision.images import ImageLimits

    return SelfieAnalyzer.from_pretrained(
        settings.vision_model,
        threads=settings.threads,
        subject_ratio=settings.subject_ratio,
        limits=ImageLimits(
            max_bytes=settings.max_image_mb * 1_000_000,
            max_pixels=settings.max_image_megapixels * 1_000_000,
        ),
    )
