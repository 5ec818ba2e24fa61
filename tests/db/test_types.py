"""Moments on both databases: aware in, aware UTC out."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from seollem.db.consents import Consents
from seollem.db.people import People
from seollem.db.types import TZDateTime

SEOUL = timezone(timedelta(hours=9))
DIALECTS: tuple[Dialect, ...] = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]
zones = st.timezones()
moments = st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=zones)


@given(moments, st.sampled_from(DIALECTS))
def test_a_moment_stays_the_same_moment_and_becomes_utc(moment: datetime, dialect: Dialect) -> None:
    kind = TZDateTime()
    stored = kind.process_bind_param(moment, dialect)
    back = kind.process_result_value(stored, dialect)
    assert back is not None
    assert back == moment.astimezone(UTC)
    assert back.tzinfo is UTC


@given(moments, moments)
def test_sqlite_sorts_moments_as_time_does(one: datetime, other: datetime) -> None:
    kind, dialect = TZDateTime(), sqlite.dialect()
    stored = [kind.process_bind_param(moment, dialect) for moment in (one, other)]
    assert stored[0] is not None
    assert stored[1] is not None
    assert (stored[0] < stored[1]) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_nothing_stays_nothing() -> None:
    assert TZDateTime().process_bind_param(None, sqlite.dialect()) is None
    assert TZDateTime().process_result_value(None, sqlite.dialect()) is None


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        TZDateTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())


async def test_a_naive_datetime_reaches_no_table(database: AsyncEngine) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        await Consents(database).agree("discord:1", version=1, at=datetime(2026, 1, 1))
    assert not await Consents(database).has_agreed("discord:1", version=1)


async def test_a_moment_in_seoul_comes_back_from_a_real_table_in_utc(database: AsyncEngine) -> None:
    at = datetime(2026, 1, 1, 3, 4, 5, 678901, tzinfo=SEOUL)
    await Consents(database).agree("discord:1", version=1, at=at)
    export = await People(database).export("discord:1")
    assert export["consent"]["agreed_at"] == "2025-12-31T18:04:05.678901+00:00"
