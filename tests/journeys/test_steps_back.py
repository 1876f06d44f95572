"""A status that steps back: refused, corrected with a basis, explained later, shown by a late version."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.findings import listing
from jobs.findings.standing import Wanted
from jobs.ledger.verify import verify
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day

BINH, CUC, EM = ((w.BINH, "Trần Văn Bình"), (w.CUC, "Phạm Thị Cúc"), (w.EM, "Hoàng Thị Em"))
D8 = w.code(8)


def transfer(dossier: str, sequence: int, *parties: Any, **more: Any) -> dict[str, Any]:
    return w._transfer(dossier, sequence, *parties, **more)


def lived(line: Line, day: int, *rows: dict[str, Any]) -> None:
    (line.inbox("01") / f"d{day}.ndjson.gz").write_bytes(ndjson(rows))
    line.day(w.FEED, at_day(day))


def holder(line: Line) -> list[str]:
    return [row[0] for row in line.query("land", "select holder_id from rights")]


def codes(line: Line, dossier: str) -> list[str]:
    return sorted(one.codes for one in line.findings(dossier))


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """The parcel was sold twice: Bình to Cúc by D2, Cúc to Em by D6."""
    w.baseline(line)
    for number in (1, 2):
        w.day(line, number)
    return line


def test_a_step_back_without_a_basis_is_refused_and_the_last_good_state_stays(told: Line) -> None:
    back = transfer(w.D2, 3, BINH, CUC, None, status="4", number=20, updated="2026-11-04T08:00:00+07:00")
    lived(told, 3, back)
    assert codes(told, w.D2) == ["DOS-903"]
    assert holder(told) == [w.EM]
    assert verify(told.settings)["first_difference"] is None


def test_an_older_version_that_comes_late_is_no_step_back(told: Line) -> None:
    late = transfer(w.D2, 1, BINH, CUC, None, status="2", number=21, updated="2026-11-02T08:00:00+07:00")
    lived(told, 4, late)
    assert codes(told, w.D2) == ["DOS-903"]
    assert holder(told) == [w.EM]


def test_a_correction_takes_the_approval_back_and_explains_the_step_before_it(told: Line) -> None:
    named = {"corrected_at": "2026-11-04T07:00:00+07:00", "correction_basis": "Quyết định 15/QĐ-UBND"}
    again = transfer(w.D2, 4, BINH, CUC, None, status="5", number=22, updated="2026-11-06T08:00:00+07:00")
    lived(told, 5, again | named)
    assert codes(told, w.D2) == []
    assert holder(told) == [w.BINH]
    assert verify(told.settings)["first_difference"] is None


def test_a_second_run_has_nothing_to_do(told: Line) -> None:
    assert told.conform(at_day(5))["submissions"] == []


def test_it_is_approved_again(told: Line) -> None:
    at = {"number": 23, "updated": "2026-11-07T08:00:00+07:00"}
    lived(told, 6, transfer(w.D2, 5, BINH, CUC, "20261103100000", **at))
    assert codes(told, w.D2) == []
    assert holder(told) == [w.EM]


def test_a_late_refusal_overturns_what_was_approved_after_it(told: Line) -> None:
    approved = {"number": 24, "updated": "2026-11-08T08:00:00+07:00"}
    lived(told, 7, transfer(D8, 2, EM, BINH, "20261107100000", accepted="20261107080000", **approved))
    assert holder(told) == [w.BINH]
    refused = {"number": 25, "updated": "2026-11-07T09:00:00+07:00", "NgayTuChoi": "20261107090000"}
    lived(told, 8, transfer(D8, 1, EM, BINH, None, status="3", accepted="20261107080000", **refused))
    assert codes(told, D8) == ["DOS-903"]
    assert holder(told) == [w.EM]
    assert verify(told.settings)["first_difference"] is None


def test_an_unknown_status_is_named_where_it_is_a_short_code(told: Line) -> None:
    sent = ("11", "CHUYEN_LIEN_THONG", "Đã xử lý xong", "Nguyễn Văn An", "001090000001")
    rows = [version(w.code(10 + n), 1, "1.012796", status=one, number=30 + n) for n, one in enumerate(sent)]
    lived(told, 9, *rows)
    found = listing.listed(told.settings, Wanted(code="dossiers.status:values"), limit=0)
    assert found["total"] == len(sent)
    assert found["statuses"] == [
        {"feed_id": w.FEED, "status": "11", "findings": 1},
        {"feed_id": w.FEED, "status": "CHUYEN_LIEN_THONG", "findings": 1},
    ]
