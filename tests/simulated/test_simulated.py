"""Seeded fault schedules of the protocol: none may lose, double or change a row (R18)."""

from __future__ import annotations

import pytest

from tests.simulated.history import violations
from tests.simulated.simulation import lived
from tests.support.line import Line

SEEDS = 200


def test_no_schedule_does_harm(line: Line) -> None:
    faults = 0
    for seed in range(SEEDS):
        one = lived(line.settings, seed)
        assert violations(one) == [], f"seed {seed}: {one.faults}"
        faults += len(one.faults)
    assert faults > SEEDS


@pytest.mark.parametrize("off", ["replace evidence", "replace open", "loaded", "read-back"])
def test_a_guard_that_is_off_is_found(line: Line, off: str) -> None:
    without = frozenset(off.split())
    assert any(violations(lived(line.settings, seed, without)) for seed in range(SEEDS))
