"""Days of the sandbox's nation: served one at a time, again, and in one catch-up; each equals truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from infra.sandbox import truth as truth_of
from jobs import ops
from jobs.ops import cursors
from jobs.registry import databases
from jobs.sources import model
from schemas.contract import Register
from tests.support import truth
from tests.support.line import Line, at_day, reset
from tests.support.sandbox import Nation, nation
from tests.support.verdicts import BROKEN, NEEDLESS_SHARE, Outcome, judge

DAYS = (1, 2, 3)


@pytest.fixture(scope="module")
def country(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    with nation(line, tmp_path_factory.mktemp("nation"), scale=0.02) as one:
        yield one


def served(country: Nation, day: int) -> None:
    """Pulls and serves a day; the first brings the register extracts too."""
    country.advance(day)
    _, late = country.pull(day, *(("baseline", "dossiers") if day == DAYS[0] else ("dossiers",)))
    assert not late
    country.serve(day)


def assert_true(country: Nation, day: int) -> None:
    """Entities that no fault touched equal truth, and those whose faults can be repaired."""
    found = country.compare(day)
    assert not found.wrong(), truth.told(found.wrong())
    assert found.untouched >= 0.6 * found.total
    assert found.repairable > 0


def assertions(merged: dict[str, dict[str, Any]]) -> int:
    """Rows that a merge wrote."""
    return sum(
        n
        for receipt in merged.values()
        for noun in receipt.get("assertions", {}).values()
        for n in noun.values()
    )


@pytest.mark.parametrize("day", DAYS)
def test_a_day_equals_truth(country: Nation, day: int) -> None:
    served(country, day)
    assert_true(country, day)


def test_every_fault_is_repaired_or_told_with_its_code(country: Nation) -> None:
    verdict = judge(country.line.settings, country.folder, day=DAYS[-1])
    assert {
        one.fault.kind for one in verdict.faults if one.fault.detectable and one.outcome in BROKEN
    } == set()
    assert verdict.wrong == 0
    assert len(verdict.needless) <= NEEDLESS_SHARE * verdict.clean
    assert len(verdict.faults) > 30
    assert {Outcome.REPAIRED, Outcome.TOLD} <= {one.outcome for one in verdict.faults}


@pytest.mark.parametrize("is_touched", [True, False], ids=["a repaired record's", "a clean record's"])
def test_a_value_that_is_not_true_is_seen(country: Nation, *, is_touched: bool) -> None:
    settings = country.line.settings
    parcels = truth_of.entities(country.folder, day=DAYS[-1], register="land")
    key = next(
        one.key for one in parcels if one.state and bool(one.faults) is is_touched and one.is_repairable
    )
    wider = sa.text("update parcels set area_m2 = area_m2 + :more where aggregate_key = :key")
    with databases.engine(settings, Register.LAND).begin() as connection:
        connection.execute(wider, {"more": 1, "key": key})
    verdict = judge(settings, country.folder, day=DAYS[-1])
    with databases.engine(settings, Register.LAND).begin() as connection:
        connection.execute(wider, {"more": -1, "key": key})
    assert verdict.wrong + sum(
        one.fault.detectable and one.outcome is Outcome.WRONG for one in verdict.faults
    )


def test_the_same_instant_again_brings_nothing(country: Nation) -> None:
    before = country.state()
    again, late = country.pull(DAYS[-1], "baseline", "dossiers")
    assert not late
    conformed = country.line.conform(at_day(DAYS[-1]))
    assert {entry["disposition"] for entry in conformed["counts"]} <= {"duplicate"}
    assert sum(entry["rows"] for entry in conformed["counts"]) == sum(one["rows"] for one in again)
    assert assertions(country.line.merge(at_day(DAYS[-1]))) == 0
    assert country.state() == before


def test_with_the_cursors_reset_everything_is_pulled_and_is_duplicate(country: Nation) -> None:
    before = country.state()
    for feed in model.load(country.line.settings):
        cursors.reset(ops.engine(country.line.settings), feed, at_day(DAYS[-1]))
    receipts, _ = country.pull(DAYS[-1], "dossiers")
    assert sum(receipt["rows"] for receipt in receipts) > 100
    conformed = country.line.conform(at_day(DAYS[-1]))
    assert {entry["disposition"] for entry in conformed["counts"]} == {"duplicate"}
    merged = country.line.merge(at_day(DAYS[-1]))
    assert assertions(merged) == 0
    assert all(receipt["inserted"] == receipt["updated"] == 0 for receipt in merged.values())
    assert country.state() == before


def test_one_catch_up_gives_the_same_state(country: Nation) -> None:
    daily = country.state()
    reset(country.line.settings)
    _, late = country.pull(DAYS[-1], "baseline", "dossiers")
    assert not late
    country.serve(DAYS[-1])
    assert_true(country, DAYS[-1])
    caught_up = country.state()
    assert {noun: len(rows) for noun, rows in caught_up.items()} == {
        noun: len(rows) for noun, rows in daily.items()
    }
    assert caught_up == daily
