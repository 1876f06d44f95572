"""A run summed up from the batches that were committed in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jobs.ops.batches import Batch
from jobs.sync import summary
from schemas.types import ROW_DISPOSITIONS

AT = datetime(2026, 11, 2, tzinfo=UTC)
NO_FACTS = dict.fromkeys(summary.FACTS, 0)


def batch(number: int, register: str | None, result: Mapping[str, Any]) -> Batch:
    kind = "merge" if register else "conform"
    return Batch(number, kind, register, AT, AT, "committed", {}, result)


def counted(register: str, disposition: str, rows: int) -> dict[str, Any]:
    return {"submission_id": "01.1", "register": register, "disposition": disposition, "rows": rows}


def test_what_was_committed_is_summed_by_register() -> None:
    mine = {**NO_FACTS, "emitted": 3, "inserted": 3, "moved": {"inserted": -1, "outdated": 1}}
    again = {**NO_FACTS, "emitted": 2, "updated": 2, "moved": {"outdated": 1}}
    counts = [counted("land", "effective", 3), counted("none", "unreadable", 1)]
    told = summary.registers(
        [
            batch(1, None, {"counts": counts}),
            batch(2, "land", mine),
            batch(3, None, {"counts": [counted("land", "duplicate", 2)]}),
            batch(4, "land", again),
        ]
    )
    land = {name: number for name, number in told["land"].items() if number}
    assert land == {
        "landed": 5,
        "effective": 3,
        "duplicate": 2,
        "emitted": 5,
        "inserted": 3,
        "updated": 2,
        "moved": {"inserted": -1, "outdated": 2},
    }
    assert (told["none"]["landed"], told["none"]["unreadable"]) == (1, 1)
    assert told["population"] == {"landed": 0, **dict.fromkeys(ROW_DISPOSITIONS, 0), **NO_FACTS, "moved": {}}


def test_a_run_that_committed_nothing() -> None:
    assert all(one["landed"] == 0 and one["moved"] == {} for one in summary.registers([]).values())
