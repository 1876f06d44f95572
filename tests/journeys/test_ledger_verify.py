"""Verification holds after normal days, while work is under way, and tells machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jobs import ops, session
from jobs.__main__ import main
from jobs.findings import replay
from jobs.ledger import equations
from jobs.ledger.verify import LAYERS, verify
from jobs.merge import run as merging
from jobs.merge.plan import pending
from jobs.ops import batches
from jobs.registry import databases
from schemas.contract import REGISTERS, Register
from schemas.derive import sql
from schemas.facts import FACT_DISPOSITIONS
from schemas.registry import folded
from schemas.types import ROW_DISPOSITIONS
from tests.journeys import worked_example as w
from tests.journeys.ledger.tampering import (
    FEED,
    S1,
    altered_object,
    difference,
    key_of,
    lived_days,
)
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day


@pytest.fixture(scope="module")
def lived(line: Line) -> Line:
    """Two days of the worked example, a correction and its replay."""
    return lived_days(line)


def test_everything_holds_after_normal_days(lived: Line) -> None:
    steps: list[str] = []
    told = verify(lived.settings, progress=lambda step: steps.append(step.layer))
    assert (told["verified"], told["first_difference"]) == (True, None)
    assert tuple(dict.fromkeys(steps)) == tuple(told["checked"]) == LAYERS
    checked = told["checked"]
    assert checked["ops"]["submissions"] == checked["landing"]["submissions"] == 3
    assert checked["ops"]["anchors"] == 3
    assert checked["ops"]["corrections"] == 1
    assert (checked["landing"]["rows"], checked["landing"]["refused"]) == (14, 1)
    assert checked["core"]["rows"] == 14
    assert [checked["core"].get(name, 0) for name in ROW_DISPOSITIONS] == list(lived.rows())
    assert [checked["curated"][name] for name in FACT_DISPOSITIONS] == list(lived.facts())
    assert checked["curated"]["pending"] == 0
    assert checked["registers"]["history rows"] == sum(
        len(rows_of(lived, register, f"{contract.info.noun}_history"))
        for register in REGISTERS
        for contract in folded(register)
    )


def test_it_can_be_asked_before_anything_was_merged_or_conformed(lived: Line) -> None:
    (lived.inbox("01") / "s4.ndjson.gz").write_bytes(ndjson([w.S2[4] | {"MaHoSo": w.code(90)}]))
    at = at_day(4)
    lived.pull(FEED, at)
    told = verify(lived.settings)
    assert told["first_difference"] is None
    assert told["checked"]["core"]["pending submissions"] == 1
    lived.conform(at)
    assert verify(lived.settings)["first_difference"] is None
    lived.merge(at)
    assert verify(lived.settings)["first_difference"] is None


def test_the_equations_are_shown(lived: Line) -> None:
    told = equations.equations(lived.settings)
    assert set(told) == {"population", "land", "business", "none"}
    for shown in told.values():
        assert shown["landed"] == sum(shown[name] for name in ROW_DISPOSITIONS)
    merged = [shown for name, shown in told.items() if name != "none"]
    assert all(shown["emitted"] == sum(shown[name] for name in FACT_DISPOSITIONS) for shown in merged)
    assert [sum(shown[name] for shown in merged) for name in FACT_DISPOSITIONS] == list(lived.facts())
    assert all(shown["pending"] == 0 for shown in merged)


def rows_of(line: Line, register: Register, table: str) -> Sequence[sa.Row[Any]]:
    with databases.engine(line.settings, register).connect() as connection:
        return connection.execute(sa.select(sql.metadata(register).tables[table])).all()


def test_the_command_answers_machines_and_gives_an_exit_code(
    lived: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"LIENTHONG_HOME": str(lived.settings.home)}
    assert main(["ledger", "verify", "--json"], environ) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verified"], told["first_difference"]) == (True, None)
    with altered_object(lived, key_of(lived, S1)):
        assert main(["ledger", "verify", "--json"], environ) == 5
        told = json.loads(capsys.readouterr().out)
        assert told["verified"] is False
        assert told["first_difference"]["where"] == f"landing/{key_of(lived, S1)}"
        assert main(["ledger", "verify"], environ) == 5
        assert "NOT verified" in capsys.readouterr().out
    assert main(["ledger", "show", "--json"], environ) == 0
    assert json.loads(capsys.readouterr().out)["none"]["unreadable"] == 1


def test_a_batch_that_is_loaded_and_not_committed_yet(lived: Line) -> None:
    """As after a kill between the register's commit and that of ops: nothing differs, it is unfinished."""
    at, engine = at_day(4) + timedelta(minutes=10), ops.engine(lived.settings)
    replay.withdraw(lived.settings, 1, reason="Căn cứ sai", by="steward", at=at)
    replay.replay(lived.settings, at=at, submission_ids=[S1])
    members = pending(engine, "population")
    assert members is not None
    batch = batches.plan(engine, kind="merge", register="population", at=at, members=members)
    merging.carry_out(lived.settings, engine, batch)
    written = "select count(*) from persons_history where batch_id = :batch or recorded_to = :at"
    values = {"batch": batch.batch_id, "at": batch.recorded_at}
    assert lived.query("population", written, **values)[0][0] > 1
    assert verify(lived.settings)["first_difference"] is None
    lived.merge(at)
    assert verify(lived.settings)["first_difference"] is None


def test_a_table_of_the_lake_that_is_gone(lived: Line) -> None:
    """The last test: a dropped table does not come back."""
    session.connect(lived.settings).sql("drop table lake.curated.land_entities")
    assert difference(lived) == {
        "where": "curated.land_entities",
        "what": "table",
        "expected": "present",
        "found": "absent",
    }
