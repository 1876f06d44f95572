"""The gate: a submission is refused as a whole, the others load, and a person may let it pass."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jobs import ops, session
from jobs.errors import UsageFault
from jobs.findings import listing, replay
from jobs.findings.standing import Wanted
from jobs.lake import live
from jobs.ops import batches
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.types import ROW_DISPOSITIONS
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day

COPY = "2.000815"
"""A procedure that changes no register."""
COLLAPSED, BROKEN, GOOD = "01-dossiers.00000005", "79-dossiers.00000001", "48-dossiers.00000001"
REFUSED = at_day(5)
"""A Friday, after four working days of an even pace."""


def copies(day: int, number: int) -> list[dict[str, Any] | str]:
    """Approved copies, each a dossier of its own."""
    return [
        version(f"H26.01.02-26110{day}-{n:04d}", 1, COPY, finished="20261102100000", number=n)
        for n in range(1, number + 1)
    ]


def birth(code: str, **more: Any) -> dict[str, Any]:
    return {**w.S1[0], "MaHoSo": code, **more}  # type: ignore[dict-item]


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """Three provinces; the first with four days of 120 rows behind it."""
    for stem in ("01", "48", "79"):
        line.directory(stem, stem)
    for day in range(1, 5):
        (line.inbox("01") / f"d{day}.ndjson.gz").write_bytes(ndjson(copies(day, 120)))
        line.pull("01-dossiers", at_day(day))
    line.conform(at_day(4))
    return line


@pytest.fixture(scope="module")
def judged(told: Line) -> dict[str, Any]:
    """The Friday: one feed collapses, one is mostly broken, one is as it should be."""
    fallen = [birth("H26.01.02-261105-9001"), copies(4, 1)[0], '{"id": 5, "MaHoSo": "H26.01']
    broken = ['{"id": 5, "MaHoSo": "H26.01'] * 30 + copies(5, 10)
    (told.inbox("01") / "d5.ndjson.gz").write_bytes(ndjson(fallen))
    (told.inbox("79") / "d5.ndjson.gz").write_bytes(ndjson(broken))
    (told.inbox("48") / "d5.ndjson.gz").write_bytes(ndjson([w.S1[5]]))
    for feed in ("01-dossiers", "48-dossiers", "79-dossiers"):
        told.pull(feed, REFUSED)
    receipt = told.conform(REFUSED)
    told.merge(REFUSED)
    return receipt


def verdicts(receipt: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {
        one["submission_id"]: (one["verdict"], [entry["code"] for entry in one["failed"]])
        for one in receipt["gate"]
    }


def rows(line: Line, feed: str) -> dict[str, int]:
    """Landed rows of a feed by disposition, zeros left out."""
    found = dict(zip(ROW_DISPOSITIONS, line.rows(feed), strict=True))
    return {name: number for name, number in found.items() if number}


def test_the_gate_refuses_what_collapsed_and_what_is_broken(judged: dict[str, Any]) -> None:
    assert verdicts(judged) == {
        COLLAPSED: ("refused", ["GAT-004", "GAT-101"]),
        BROKEN: ("refused", ["GAT-001"]),
        GOOD: ("accepted", []),
    }


def test_a_refused_submission_emits_nothing_and_the_others_load(told: Line, judged: dict[str, Any]) -> None:
    assert judged["facts"] == {"business_businesses": 1, "business_representatives": 1}
    assert told.query("population", "select count(*) from persons") == [(0,)]
    assert told.query("business", "select count(*) from businesses") == [(1,)]


def test_its_rows_are_quarantined_but_for_duplicates_and_unreadable_ones(
    told: Line, judged: dict[str, Any]
) -> None:
    assert judged["batch_id"] == 2
    assert rows(told, "01-dossiers") == {"unreadable": 1, "quarantined": 1, "duplicate": 1, "no_effect": 480}
    assert rows(told, "79-dossiers") == {"unreadable": 1, "duplicate": 29, "quarantined": 10}


def test_a_refused_row_keeps_every_reason(told: Line, judged: dict[str, Any]) -> None:
    engine = ops.engine(told.settings)
    found = live.conformed(session.connect(told.settings), engine, Findings.dataset()).toArrow().to_pylist()
    codes = {row["codes"] for row in found if row["submission_id"] == COLLAPSED}
    assert codes == {"DOS-907", "DOS-901,DOS-907"}
    assert judged["gate"]


def test_the_list_says_why(told: Line, judged: dict[str, Any]) -> None:
    answer = listing.listed(told.settings, Wanted(province="01"), limit=10)
    assert [one["submission_id"] for one in answer["refused"]] == [COLLAPSED]
    assert {entry["code"] for entry in answer["refused"][0]["failed"]} == {"GAT-004", "GAT-101"}
    assert judged["gate"]


def test_a_replay_alone_is_refused_again(told: Line, judged: dict[str, Any]) -> None:
    receipt = replay.replay(told.settings, at=REFUSED + timedelta(minutes=1), submission_ids=[COLLAPSED])
    assert verdicts(receipt)[COLLAPSED] == verdicts(judged)[COLLAPSED]


def test_a_person_lets_it_pass(told: Line, judged: dict[str, Any]) -> None:
    at = REFUSED + timedelta(minutes=10)
    acceptance = replay.Acceptance(by="steward", reason="Một ngày ít việc")
    receipt = replay.replay(told.settings, at=at, submission_ids=[COLLAPSED], acceptance=acceptance)
    told.merge(at)
    assert verdicts(receipt)[COLLAPSED] == ("overruled", ["GAT-004", "GAT-101"])
    assert judged["gate"] != receipt["gate"]
    assert rows(told, "01-dossiers") == {"unreadable": 1, "duplicate": 1, "no_effect": 480, "effective": 1}
    assert told.query("population", "select personal_id from persons") == [(w.AN,)]
    events = batches.committed(ops.engine(told.settings), "conform")[-1]
    assert events.plan["overruled"] == [COLLAPSED]


def test_a_second_replay_changes_nothing(told: Line, judged: dict[str, Any]) -> None:
    before = told.query("population", "select count(*), max(recorded_from) from persons_history")
    at = REFUSED + timedelta(minutes=20)
    receipt = replay.replay(told.settings, at=at, submission_ids=[COLLAPSED])
    merged = told.merge(at)
    assert verdicts(receipt)[COLLAPSED][0] == "overruled"
    assert all(not any(counts.values()) for r in merged.values() for counts in r["assertions"].values())
    assert told.query("population", "select count(*), max(recorded_from) from persons_history") == before
    assert judged["gate"]


def test_what_was_not_refused_needs_no_acceptance(told: Line, judged: dict[str, Any]) -> None:
    with pytest.raises(UsageFault, match="refused"):
        replay.replay(
            told.settings,
            at=REFUSED,
            submission_ids=[GOOD],
            acceptance=replay.Acceptance(by="steward", reason="Không cần"),
        )
    assert judged["gate"]


def test_profiles_are_counts_and_closed_codes(told: Line, judged: dict[str, Any]) -> None:
    mine = [one for one in judged["profiles"] if one["submission_id"] == GOOD]
    assert [one["dataset"] for one in mine] == [
        Dossiers.info.noun,
        "business_businesses",
        "business_representatives",
    ]
    assert mine[0]["counts"] == {
        "disposition:effective": 1,
        "status:9": 1,
        "channel:1": 1,
        "procedure:2.001610": 1,
    }
    assert told.settings.home.joinpath("docs", "data", "index.html").exists()
