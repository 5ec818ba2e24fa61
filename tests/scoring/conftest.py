"""An engine over a real database, with a clock that only moves when a test moves it."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from clock import Clock
from seollem.db.histories import Histories
from seollem.scoring.engine import ScoringEngine
from seollem.scoring.label_weights import LabelWeights


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database: AsyncEngine, clock: Clock) -> ScoringEngine:
    return ScoringEngine(histories=Histories(database), weights=LabelWeights.load(), clock=clock)
