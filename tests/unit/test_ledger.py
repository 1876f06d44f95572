"""What the event log says of the other tables of ops, and how a difference is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.ledger import anchors
from jobs.ledger.chain import mark
from jobs.ledger.curated import Standing
from jobs.ledger.difference import compared, keyed
from jobs.ledger.landing import placed
from jobs.ledger.projections import Expected

DAY = datetime(2026, 11, 1, 16, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
ONE = "01-dossiers.00000001"


@dataclass(frozen=True)
class Told:
    kind: str
    subject: str
    body: dict[str, Any]
    at: datetime = DAY


def replayed(*events: Told) -> Expected:
    expected = Expected()
    for event in events:
        expected.take(event, mark)
    return expected


OPENED = Told("submission.opened", ONE, {"feed_id": "01-dossiers", "province_code": "01", "number": 7})
SEALED = Told("submission.sealed", ONE, {"manifest": {"objects": []}, "cursor": [str(DAY), "12"]}, LATER)
PLANNED = Told(
    "merge.planned",
    "4",
    {"kind": "merge", "register": "land", "plan": {"upto": 3}, "at": str(DAY), "recorded_at": str(LATER)},
)


def test_a_submission_and_its_feeds_cursor() -> None:
    opened = replayed(OPENED).submissions[ONE]
    assert (opened["state"], opened["number"], opened["sequence"]) == ("pulling", 7, 1)
    assert (opened["received_at"], opened["manifest"]) == (None, None)
    sealed = replayed(OPENED, SEALED)
    assert sealed.submissions[ONE]["state"] == "sealed"
    assert sealed.submissions[ONE]["received_at"] == LATER
    assert sealed.submissions[ONE]["manifest"] == mark({"objects": []})
    assert sealed.cursors == {"01-dossiers": {"updated_at": DAY, "last_id": "12"}}


def test_a_reset_cursor_and_a_retracted_submission() -> None:
    told = replayed(
        OPENED, SEALED, Told("cursor.reset", "01-dossiers", {}), Told("submission.retracted", ONE, {})
    )
    assert told.cursors == {}
    assert told.submissions[ONE]["state"] == "retracted"
    assert told.submissions[ONE]["received_at"] == LATER


def test_an_empty_pull_leaves_the_cursor() -> None:
    told = replayed(OPENED, Told("submission.empty", ONE, {}, LATER))
    assert (told.submissions[ONE]["state"], told.submissions[ONE]["received_at"]) == ("empty", LATER)
    assert told.cursors == {}


def test_a_batch() -> None:
    planned = replayed(PLANNED).batches["4"]
    assert (planned["state"], planned["register"], planned["recorded_at"]) == ("planned", "land", LATER)
    assert planned["result"] is None
    committed = replayed(PLANNED, Told("merge.committed", "4", {"emitted": 2})).batches["4"]
    assert (committed["state"], committed["result"]) == ("committed", mark({"emitted": 2}))


def test_a_correction_and_a_paused_source() -> None:
    made = Told("correction.made", "1", {"content_digest": "ab", "path": "p", "new_text": "x"})
    assert replayed(made).corrections["1"]["withdrawn_by"] is None
    withdrawn = Told("correction.withdrawn", "1", {"by": "steward", "reason": "r"}, LATER)
    told = replayed(made, withdrawn).corrections["1"]
    assert (told["new_text"], told["withdrawn_by"], told["withdrawn_at"]) == ("x", "steward", LATER)
    paused = replayed(Told("source.paused", "f", {}))
    assert paused.sources == {"f": {"is_paused": True}}
    assert replayed(Told("source.paused", "f", {}), Told("source.resumed", "f", {})).sources == {
        "f": {"is_paused": False}
    }


def test_a_release() -> None:
    built = Told("release.built", "2026.11.1", {"data_digest": "ab"})
    approved = Told("release.approved", "2026.11.1", {"by": "steward", "data_digest": "ab"}, LATER)
    candidate = replayed(built, approved).releases["2026.11.1"]
    assert (candidate["state"], candidate["decided_by"], candidate["decided_at"]) == (
        "candidate",
        "steward",
        LATER,
    )
    assert candidate["evidence"] == {"data_digest": "ab"}
    withdrawn = Told("release.withdrawn", "2026.11.1", {"reason": "r", "withdrawn_by": "other"})
    told = replayed(built, approved, Told("release.published", "2026.11.1", {}), withdrawn)
    assert told.releases["2026.11.1"] == candidate | {"state": "withdrawn"}
    superseded = replayed(built, Told("release.rejected", "2026.11.1", {"reason": "r"})).releases
    assert (superseded["2026.11.1"]["state"], superseded["2026.11.1"]["decided_by"]) == ("rejected", None)


def test_kinds_that_change_no_projection_are_passed_over() -> None:
    told = replayed(Told("gate.overruled", "1", {}))
    assert told == Expected()


def test_the_entry_of_a_document_that_differs_is_named() -> None:
    found = list(compared("x", {"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}))
    assert [(one.what, one.expected, one.found) for one in found] == [("a.b[1].c", 2, 3)]
    shorter = list(compared("x", {"a": [1, 2]}, {"a": [1]}))
    assert [(one.what, one.expected, one.found) for one in shorter] == [("a: entries", 2, 1)]
    more = list(compared("x", {"a": {}}, {"a": {"b": 1}}))
    assert [(one.what, one.found) for one in more] == [("a.b", 1)]
    assert [one.found for one in compared("x", {"a": 1}, None)] == ["absent"]
    assert list(compared("x", {"a": 1}, {"a": 1, "b": 2})) == []


def test_sets_of_counts_are_compared_in_the_order_of_their_keys() -> None:
    found = list(keyed(str, ("rows",), {"a": (1,), "b": (2,), "d": (4,)}, {"b": (3,), "c": (3,), "d": (4,)}))
    assert [(one.where, one.what, one.expected, one.found) for one in found] == [
        ("a", "entry", "present", "absent"),
        ("b", "rows", 2, 3),
        ("c", "entry", "absent", "present"),
    ]


def test_a_files_name_is_told_by_its_place_alone() -> None:
    entry = {"no": 1, "name": "Nguyễn Văn An.ndjson", "sha256": "a"}
    changed: list[Any] = [
        {"objects": [entry | {"name": "Trần Thị Bình.ndjson"}]},
        {"objects": [entry | {"name": None}]},
        {"objects": [entry, entry]},
        {"objects": ["Trần Thị Bình"]},
        {"objects": None},
        None,
    ]
    told = [next(compared("x", {"manifest": {"objects": [entry]}}, {"manifest": one})) for one in changed]
    assert [one.what for one in told] == [
        *["manifest.objects[0].name"] * 2,
        *("manifest.objects: entries", "manifest.objects[0]", "manifest.objects", "manifest"),
    ]
    assert [word for word in ("Văn An", "Thị Bình") if word in str(told)] == []
    (number,) = compared("x", {"manifest": {"n": [{"rows": 1}]}}, {"manifest": {"n": [{"rows": 2}]}})
    assert (number.expected, number.found) == (1, 2)


def test_a_head_that_cannot_be_read_is_none() -> None:
    assert anchors.read(b'{"seq": 3, "hash": "ab", "at": ""}') == anchors.Anchor(3, "ab")
    assert [anchors.read(data) for data in (b"", b"[]", b"{}", b'{"seq": "x", "hash": ""}')] == [None] * 4


def test_a_content_at_another_place_has_another_digest() -> None:
    assert len({placed(1, 11, "a"), placed(11, 1, "a"), placed(1, 11, "b")}) == 3


@pytest.mark.parametrize(
    ("standing", "what"),
    [
        (Standing("updated", 1, True, True, 5), None),
        (Standing(None, 1, False, False, 5), None),
        (Standing("outdated", 0, False, True, 5), None),
        (Standing("inserted", 0, False, False, 5), None),
        (Standing(None, 1, True, True, 5), "facts without a disposition"),
        (Standing("inserted", 0, False, True, 5), "inserted facts that no live row emits"),
        (Standing("inserted", 2, True, True, 5), "rows of a live fact"),
    ],
)
def test_how_facts_may_stand(standing: Standing, what: str | None) -> None:
    fault = standing.fault()
    assert (fault[0] if fault else None) == what
