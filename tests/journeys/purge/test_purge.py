"""Rows erased by law: gone from every layer, told by a tombstone, and all that is left still adds up."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from jobs import objects, ops, purge
from jobs.__main__ import main
from jobs.errors import UsageFault
from jobs.explain import explain
from jobs.ledger.verify import verify
from jobs.ops import decisions, erasures
from jobs.purge import registers
from schemas.contract import Register
from tests.journeys import worked_example as w
from tests.journeys.purge.traces import BASIS, environ, places
from tests.support.line import Line, at_day

AT = at_day(4)


def test_nothing_of_it_is_left(erased: Line) -> None:
    left = places(erased.settings)
    # E's representative and An's renaming are of other dossiers, which name her still.
    assert set(left) == {w.AN, "Nguyễn Thị An", "03/04/1980"}
    assert not [where for where in left[w.AN] if "population.persons" in where]
    assert {where.partition("/")[2][:11] for where in left["03/04/1980"]} == {"01-baseline"}


def test_the_feedback_that_named_it_says_how_many_findings_went(erased: Line) -> None:
    store, bucket = objects.client(erased.settings), erased.settings.landing_bucket
    stem = "_feedback/01/2026-11-04/feedback"
    told = json.loads(objects.get(store, bucket, f"{stem}.json"))
    assert told["findings_erased"] == told["findings_total"] - len(told["findings"]) > 0
    sheet = objects.get(store, bucket, f"{stem}.csv").decode("utf-8-sig")
    assert sheet.count("\r\n") == 1 + sum(len(one["codes"]) for one in told["findings"]) > 1


def test_the_registers_stand_as_if_it_had_said_nothing(erased: Line) -> None:
    assert erased.query("population", "select personal_id from persons order by 1") == [
        (w.BINH,),
        (w.DUNG,),
    ]
    assert erased.query(
        "population",
        "select death_date from persons where personal_id = :id",
        id=w.DUNG,
    ) == [(None,)]
    assert erased.query("business", "select tax_code from businesses") == [(w.E,)]
    assert erased.rows(w.FEED) == (1, 0, 0, 1, 6, 5), "erased rows count as without effect"


def test_the_ledger_verifies_and_says_so(erased: Line, capsys: pytest.CaptureFixture[str]) -> None:
    told = verify(erased.settings)
    assert told["first_difference"] is None
    assert [(one["basis"], one["by"], one["rows"]) for one in told["erased"]] == [(BASIS, "steward", 5)]
    assert main(["ledger", "verify"], environ(erased.settings)) == 0
    assert f"5 rows erased by steward on {AT:%Y-%m-%d}: {BASIS}" in capsys.readouterr().out


def test_what_is_left_is_explained(erased: Line) -> None:
    with pytest.raises(UsageFault):
        explain(erased.settings, key=w.D1)
    held = explain(erased.settings, key=w.D5)["facts"]
    assert {fact["disposition"] for fact in held} == {"held"}, "nobody is there to be renamed"


def test_a_file_that_is_still_in_its_folder_is_not_landed_again(erased: Line) -> None:
    assert erased.pull(w.FEED, AT + timedelta(minutes=1))["rows"] == 0


def test_another_day_follows(erased: Line) -> None:
    at = AT + timedelta(minutes=2)
    erased.conform(at)
    assert [one["batch_id"] for one in erased.merge(at).values()] == [None] * 3
    assert verify(erased.settings)["first_difference"] is None


def test_what_is_unknown_is_not_erased(erased: Line) -> None:
    engine = ops.engine(erased.settings)
    known = erasures.listed(engine)
    for named in (
        {"dossiers": ["x"]},
        {"submission_ids": ["x"]},
        {"rows": [f"{w.FEED}.00000001/1/99"]},
        {},
    ):
        chosen = {"dossiers": [], "submission_ids": [], "rows": []} | named
        with pytest.raises(UsageFault):
            purge.places_of(erased.settings, **chosen)
    assert erasures.listed(engine) == known


def test_as_many_as_a_country_has_are_not_too_many(erased: Line) -> None:
    """A statement of PostgreSQL has no more than 65 535 parameters."""
    many = [f"{number:064x}" for number in range(70_000)]
    engine = ops.engine(erased.settings)
    with engine.connect() as connection:
        assert decisions.sums(connection, many) == {}
    decisions.erase(engine, many)
    registers.delete(erased.settings, Register.POPULATION, many)
    erasures.erase_corrections(engine, erasures.listed(engine)[0], many, AT)
    assert verify(erased.settings)["first_difference"] is None
