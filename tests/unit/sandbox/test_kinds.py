"""Kinds of faults are declared with codes that exist, and their verdicts fail where they must."""

from __future__ import annotations

import pytest

from infra.sandbox.dirt import BY_NAME, KINDS, Kind
from infra.sandbox.truth import Injected
from schemas.codes import catalogue
from schemas.registry import FOLDED
from tests.support.verdicts import BROKEN, LOST, Clean, Judged, Outcome, Verdict, _spared
from tests.truth import table

FIELDS = {(contract.info.noun, name) for contract in FOLDED for name in contract.names()}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_that_is_seen_says_how(kind: Kind) -> None:
    assert set(kind.codes) <= set(catalogue())
    assert {(mark.noun, mark.column) for mark in kind.marks} <= FIELDS
    assert all((mark.noun, name) in FIELDS for mark in kind.marks for name in mark.hides)
    assert kind.repairable or bool(kind.codes or kind.marks) is kind.detectable


def verdict(outcomes: dict[str, Outcome] | None = None) -> Verdict:
    """One fault of each kind, all as they should be but for those given; a thousand clean records."""
    judged = []
    for place, kind in enumerate(KINDS):
        good = Outcome.REPAIRED if kind.repairable else Outcome.TOLD if kind.detectable else Outcome.WRONG
        fault = Injected(kind.name, kind.detectable, kind.repairable, "01", f"D-{kind.name}", 1, 1)
        outcome = (outcomes or {}).get(kind.name, good)
        judged.append(Judged(fault, outcome, frozenset(), table.SPOKEN[place % len(table.SPOKEN)]))
    return Verdict(judged, clean=1000, clean_of={"dvcqg": Clean(900, 1), "td": Clean(100)})


def test_what_should_be_breaks_nothing() -> None:
    assert table.failures({"7": verdict()}) == []


@pytest.mark.parametrize("outcome", BROKEN)
def test_a_fault_that_the_data_show_must_not_become(outcome: Outcome) -> None:
    assert table.failures({"7": verdict({"lost_zero": outcome})}) == [f"seed 7: lost_zero: 1 {outcome.value}"]


def test_a_fault_that_nothing_shows_may_be_wrong_and_its_rate_is_told() -> None:
    told = table.summary({"7": verdict(), "8": verdict({"day_month": Outcome.REPAIRED})})
    assert "day_month, which nothing shows: 1 of 2 silently wrong (50%)." in told


def test_a_kind_without_a_judged_fault_fails() -> None:
    (told,) = table.failures({"7": verdict({"resend": Outcome.NO_EFFECT})})
    assert told.startswith("seed 7: resend was not put into any record")


def test_clean_records_that_are_stopped_for_nothing_fail_beyond_their_share() -> None:
    found = verdict()
    found.needless = [f"D{place}" for place in range(5)]
    assert table.failures({"7": found}) == []
    found.needless.append("D5")
    assert table.failures({"7": found}) == ["seed 7: 6 of 1000 clean records are stopped for nothing"]


def test_clean_records_that_are_wrong_fail() -> None:
    found = verdict()
    found.wrong = 1
    assert len(table.failures({"7": found})) == 1


def test_the_table_has_every_kind() -> None:
    lines = table.table({"7": verdict(), "8": verdict()}).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == list(BY_NAME)
    assert all(line.split("|")[3].strip() == "2" for line in lines[2:])


def test_the_table_by_dialect_has_every_dialect_and_its_clean_records() -> None:
    one = verdict()
    one.faults.append(Judged(one.faults[0].fault, Outcome.NO_EFFECT, frozenset(), "td"))
    lines = [line.split(" | ") for line in table.by_dialect({"7": one, "8": verdict()}).splitlines()[2:]]
    cells = [[cell.strip("| ") for cell in line] for line in lines]
    assert {line[0] for line in cells} == {*table.SPOKEN}
    assert len(cells) == len(KINDS) + 1 + len(table.SPOKEN)
    (td,) = [line for line in cells if line[:2] == ["td", KINDS[0].name]]
    assert td[3:6] == ["1", "1", ""]
    (own,) = [line for line in cells if line[:2] == ["dvcqg", "clean records"]]
    assert own[3:] == ["1800", "", "", "", "", "2", ""]


def test_a_dialect_without_a_judged_fault_fails() -> None:
    one = verdict()
    one.faults = [judged for judged in one.faults if judged.dialect != "epar"]
    told = table.failures({"7": one})
    assert any(line.startswith("seed 7: epar has no record") for line in told)


def test_a_record_that_did_not_come_fails() -> None:
    one = verdict()
    one.faults.append(Judged(one.faults[0].fault, Outcome.REPAIRED, frozenset(), LOST))
    assert table.failures({"7": one}) == ["seed 7: 1 records with a fault were not landed"]


def test_a_kind_may_have_a_code_only_where_versions_have_no_number() -> None:
    assert _spared("stale_version", "td") == {"DOS-903"}
    assert _spared("stale_version", "dvcqg") == _spared("resend", "td") == set()
