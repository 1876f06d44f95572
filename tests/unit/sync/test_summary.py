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


def counted(register: str, disposition: str, rows: int, name: str = "01.1") -> dict[str, Any]:
    return {"submission_id": name, "register": register, "disposition": disposition, "rows": rows}


def conformed(number: int, *counts: Mapping[str, Any]) -> Batch:
    names = sorted({one["submission_id"] for one in counts})
    return batch(number, None, {"submissions": names, "counts": list(counts)})


def test_what_was_committed_is_summed_by_register() -> None:
    mine = {**NO_FACTS, "emitted": 3, "inserted": 3, "moved": {"inserted": -1, "outdated": 1}}
    again = {**NO_FACTS, "emitted": 2, "updated": 2, "moved": {"outdated": 1}}
    told = summary.registers(
        [
            conformed(1, counted("land", "effective", 3), counted("none", "unreadable", 1)),
            batch(2, "land", mine),
            conformed(3, counted("land", "duplicate", 2, "01.2")),
            batch(4, "land", again),
        ],
        {"01.1": 1, "01.2": 3},
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
    assert told["population"] == {
        "landed": 0,
        "again": 0,
        **dict.fromkeys(ROW_DISPOSITIONS, 0),
        **NO_FACTS,
        "moved": {},
    }


def test_what_is_conformed_again_is_not_landed_again() -> None:
    """A submission of an earlier run, and one that this run conformed twice: its last batch counts."""
    told = summary.registers(
        [
            conformed(7, counted("land", "effective", 5, "01.1"), counted("land", "duplicate", 2, "01.2")),
            conformed(8, counted("land", "effective", 2, "01.2")),
        ],
        {"01.1": 3, "01.2": 7},
    )
    land = {name: number for name, number in told["land"].items() if number}
    assert land == {"landed": 2, "effective": 2, "again": 5}


def test_a_run_that_committed_nothing() -> None:
    assert all(one["landed"] == 0 and one["moved"] == {} for one in summary.registers([], {}).values())
