"""A home with data whose contracts gain a column."""

from __future__ import annotations

import copy
from typing import Any

from jobs import session
from jobs.lake import tables
from jobs.ledger.verify import verify
from schemas.population.persons import Persons
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day

COLUMN = "mother_personal_id"
"""No person of the baseline has it, and the child that is born on day 1 does."""


def test_a_home_from_before_the_column_goes_on(line: Line) -> None:
    line.directory("01")
    (line.inbox("01", "baseline") / "persons.ndjson.gz").write_bytes(ndjson(w.PERSONS))
    line.day("01-baseline", at_day(0))
    spark = session.connect(line.settings)
    for layer in ("core", "curated"):
        spark.sql(f"ALTER TABLE {tables.name(Persons.dataset(layer))} DROP COLUMN {COLUMN}")
    session.disconnect()  # The code that has the column comes with processes of its own.

    birth: Any = copy.deepcopy(w.S1[0])
    birth["form"]["body"]["NguoiDan"][0]["SoDinhDanhMe"] = w.CUC
    (line.inbox("01") / "s1.ndjson.gz").write_bytes(ndjson([birth]))
    line.day("01-dossiers", at_day(1))

    statement = "SELECT count(*), count(mother_personal_id) FROM persons"
    assert line.query("population", statement) == [(3, 1)]
    curated = session.connect(line.settings).table(tables.name(Persons.dataset("curated")))
    assert curated.where(f"{COLUMN} IS NOT NULL").count() == 1
    assert verify(line.settings)["first_difference"] is None
