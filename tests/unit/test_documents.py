"""The history of a document: the same whatever order its messages came in."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.documents.history import History, history
from schemas import reference

BEGIN = datetime(2026, 11, 2, 2, tzinfo=UTC)
Message = Mapping[str, Any]


def message(number: int, **values: Any) -> Message:
    return {
        "submission_number": number,
        "submission_id": f"01-documents.{number:08d}",
        "object_no": 1,
        "row_no": 1,
        "received_at": BEGIN + timedelta(days=9),
        "sent_at": None,
        "message_kind": "status",
        "business_kind": None,
        "document_id": "D",
        "from_organ_id": "H41",
        "response_organ_id": "G22",
        "status_code": None,
        "status_at": None,
        **values,
    }


def document(number: int, kind: str | None = "new", hours: int = 0) -> Message:
    sent_at = BEGIN + timedelta(hours=hours)
    return message(number, message_kind="document", business_kind=kind, sent_at=sent_at, from_organ_id="G22")


def status(number: int, code: str, hours: int, organ: str = "H41", **more: Any) -> Message:
    at = BEGIN + timedelta(hours=hours)
    return message(number, status_code=code, status_at=at, from_organ_id=organ, **more)


def words(told: History) -> list[str]:
    """Each status with what becomes of it."""
    return [f"{one.code}{'=' if one.is_repeated else ''} {one.hold or 'counts'}" for one in told.steps]


def test_statuses_wait_for_their_document() -> None:
    arrived, taken = status(1, "01", 1), status(2, "03", 2)
    told = history([taken, arrived])
    assert words(told) == ["01 DOC-901", "03 DOC-901"]
    assert (told.document, told.current) == (None, {})
    told = history([taken, document(3), arrived])
    assert words(told) == ["01 counts", "03 counts"]
    assert (told.document, told.current) == (("01-documents.00000003", 1, 1), {"H41": "03"})


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["01", "03", "04", "05", "06"], "counts counts counts counts counts"),
        (["06", "01"], "counts DOC-902"),
        (["03", "03"], "counts counts"),
        (["01", "02", "03", "06"], "counts counts DOC-902 DOC-902"),
        (["03", "02", "04"], "counts DOC-902 counts"),
        (["06", "13", "15", "03"], "counts counts counts counts"),
        (["02", "16", "03"], "counts counts DOC-902"),
        (["02", "15", "03"], "counts counts counts"),
    ],
)
def test_a_status_never_goes_back_but_by_agreement(codes: list[str], expected: str) -> None:
    every = [document(1)]
    for place, code in enumerate(codes, 2):
        cancelled = {"from_organ_id": "G22", "response_organ_id": "H41"} if code == "13" else {}
        every.append({**status(place, code, place), **cancelled})
    assert [one.hold or "counts" for one in history(every).steps] == expected.split()
    assert {one.receiver for one in history(every).steps} == {"H41"}


def test_each_receiver_has_its_own_way() -> None:
    told = history([document(1), status(2, "06", 2), status(3, "01", 3, "H14")])
    assert told.current == {"H41": "06", "H14": "01"}


def test_what_is_said_twice_counts_once() -> None:
    told = history([document(1), status(2, "03", 2), status(3, "03", 2), status(4, "05", 3)])
    assert words(told) == ["03 counts", "03= counts", "05 counts"]


def test_what_steps_back_counts_no_more_for_being_said_twice() -> None:
    told = history([document(1), status(2, "06", 2), status(3, "01", 3), status(4, "01", 3)])
    assert words(told) == ["06 counts", "01 DOC-902", "01= DOC-902"]
    assert told.current == {"H41": "06"}


def test_the_newest_of_a_document_stands_and_a_revocation_is_told() -> None:
    told = history([document(1), document(2, "update", 5), status(3, "03", 1)])
    assert (told.document, told.is_revoked) == (("01-documents.00000002", 1, 1), False)
    told = history([document(1), document(2, "revocation", 5), status(3, "03", 1)])
    assert (told.document, told.is_revoked) == (("01-documents.00000001", 1, 1), True)
    assert words(told) == ["03 counts"]
    assert words(history([document(2, "revocation"), status(3, "03", 1)])) == ["03 DOC-901"]


@given(st.data())
def test_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    codes = st.sampled_from(sorted(reference.document_statuses()))
    drawn = data.draw(
        st.lists(st.tuples(codes, st.integers(0, 5), st.sampled_from(["H41", "H14"])), max_size=8)
    )
    every = [document(1), *(status(n, code, at, organ) for n, (code, at, organ) in enumerate(drawn, 2))]
    mixed = random.Random(data.draw(st.integers())).sample(every, len(every))
    assert history(mixed) == history(every)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(reference.document_statuses())), st.integers(0, 9)), max_size=9)
)
def test_what_counts_never_goes_back_between_two_agreements(drawn: list[tuple[str, int]]) -> None:
    told = history([document(1), *(status(n, code, at) for n, (code, at) in enumerate(drawn, 2))])
    reached, known = 0, reference.document_statuses()
    for one in told.steps:
        if one.hold:
            continue
        step = known[one.code]
        assert step is None or step >= reached
        reached = 0 if one.code == "15" else step or reached
