"""An engine over a real database, with a clock that only moves when a test moves it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.histories import Histories
from seollem.scoring.engine import ScoringEngine
from seollem.scoring.label_weights import LabelWeights


@dataclass
class Clock:
    """Tells a time that is set by hand."""

    now: datetime = field(default=datetime(2026, 3, 1, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database: AsyncEngine, clock: Clock) -> ScoringEngine:
    return ScoringEngine(histories=Histories(database), weights=LabelWeights.load(), clock=clock)
