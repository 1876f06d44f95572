"""Instants as sources write them: what is written is read again, and none is of another era."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.landing.clocks import BEGINS, ENDS, instant_of, written
from schemas import types as t
from schemas.layout import CLOCKS
from schemas.zone import HANOI

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"compact": timedelta(seconds=1), "epoch_ms": timedelta(milliseconds=1)}
"""Of clocks that have no place for what is shorter."""
INSTANTS = st.integers(315_532_800_000_000, 7_289_000_000_000_000).map(
    lambda micros: EPOCH + timedelta(microseconds=micros)
)
"""From 1980 to 2200: before, Viet Nam changed its offset, and some local times were twice."""


@pytest.mark.parametrize("clock", CLOCKS)
@given(INSTANTS)
def test_what_is_written_is_read_again(clock: str, at: datetime) -> None:
    again = instant_of(written(at, clock), clock)
    assert again <= at < again + UNITS.get(clock, timedelta(microseconds=1))


@pytest.mark.parametrize("clock", ["local", "compact", "epoch_ms"])
@given(INSTANTS, INSTANTS)
def test_the_order_of_instants_is_that_of_what_is_written(clock: str, one: datetime, other: datetime) -> None:
    values: list[Any] = [written(at, clock) for at in sorted((one, other))]
    assert values == sorted(values)


def test_an_era_is_that_of_the_types() -> None:
    assert (BEGINS.date().isoformat(), ENDS.date().isoformat()) == (t.EARLIEST, "2201-01-01")
    assert instant_of(BEGINS.isoformat(), "iso") == BEGINS
    last = ENDS - timedelta(microseconds=1)
    assert last.date().isoformat() == t.LATEST
    assert instant_of(last.isoformat(), "iso") == last
    for out in (BEGINS - timedelta(microseconds=1), ENDS, datetime.min.replace(tzinfo=HANOI)):
        with pytest.raises(ValueError, match="out of range"):
            instant_of(out.isoformat(), "iso")
