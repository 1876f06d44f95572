"""Seeded fault schedules of the protocol: none may lose, double or change a row (R18)."""

from __future__ import annotations

import pytest

from jobs.settings import Settings
from tests.simulated.history import violations
from tests.simulated.simulation import lived

SEEDS = 200


def test_no_schedule_does_harm(settings: Settings) -> None:
    faults = 0
    for seed in range(SEEDS):
        line = lived(settings, seed)
        assert violations(line) == [], f"seed {seed}: {line.faults}"
        faults += len(line.faults)
    assert faults > SEEDS


@pytest.mark.parametrize("off", ["replace evidence", "replace open", "loaded", "read-back"])
def test_a_guard_that_is_off_is_found(settings: Settings, off: str) -> None:
    without = frozenset(off.split())
    assert any(violations(lived(settings, seed, without)) for seed in range(SEEDS))
