"""Feeds in pages: by cursor, by number, by number within spans of days."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.landing.rows import page_of
from jobs.sources.course import Course
from jobs.sources.delivery import Piece, Window
from jobs.sources.interface import Paging
from jobs.sources.paging import Pages
from schemas.layout import Layout

AT = datetime(2026, 11, 12, 16, 30, tzinfo=UTC)
BEGINS = "2026-11-01T00:00:00+07:00"
SPANS = Paging(
    style="window", cursor="page", since="from", until="to", begins=BEGINS, days=5, written="compact"
)


def page(total: int | None, *numbers: int, **more: object) -> bytes:

    items = [{"id": number, "updated_at": f"2026-11-02T09:00:{number:02d}+07:00"} for number in numbers]
    return json.dumps({"data": items, "total": total, **more}).encode()


class Source:
    """Answers questions with pages and keeps the questions."""

    def __init__(self, paging: Paging, answers: dict[tuple[str, ...], bytes], window: Window) -> None:
        self.pages = Pages(paging, Layout(), 2, AT)
        self.answers, self.window = answers, window
        self.asked: list[dict[str, str]] = []

    def pieces(self, resume: dict[str, Any] | None = None) -> Iterator[Piece]:
        course = Course.resumed(resume or {})
        while not course.is_done:
            course.page += 1
            question = self.pages.asked(course.cursor, self.window)
            self.asked.append(question)
            names = [name for name in ("from", "page", "cursor") if name in question]
            data = self.answers.get(tuple(question[name] for name in names), page(None))
            told = self.pages.read(data, course.cursor, self.window, course.seen)
            assert told is not None
            yield from course.passed(data, told, Layout(), self.window)


def numbers(pieces: list[Piece]) -> list[int]:
    return [item["id"] for piece in pieces for item in page_of(piece.data)["data"]]


def test_by_number_ends_when_all_that_was_promised_came() -> None:
    paging = Paging(style="number", cursor="page")
    source = Source(paging, {("1",): page(3, 1, 2), ("2",): page(3, 3)}, Window())
    assert numbers(list(source.pieces())) == [1, 2, 3]
    assert [one["page"] for one in source.asked] == ["1", "2"]


def test_by_number_without_a_total_ends_at_an_empty_page() -> None:
    """A short page is no end: the source may give fewer than it is asked for."""
    paging = Paging(style="number", cursor="page")
    source = Source(paging, {("1",): page(None, 1), ("2",): page(None, 2)}, Window())
    assert numbers(list(source.pieces())) == [1, 2]
    assert len(source.asked) == 3


def test_by_number_an_empty_page_before_the_total_is_trouble() -> None:
    source = Source(Paging(style="number", cursor="page"), {("1",): page(5, 1, 2)}, Window())
    *_, last = source.pieces()
    assert (last.trouble, last.is_gappy) == ("page 2 ends the delivery after 2 of 5 items", True)


def test_by_number_goes_on_where_it_stopped() -> None:
    paging = Paging(style="number", cursor="page")
    source = Source(paging, {("1",): page(3, 1, 2), ("2",): page(3, 3)}, Window())
    first, *_ = source.pieces()
    source.asked.clear()
    assert numbers(list(source.pieces(dict(first.resume)))) == [3]
    assert [one["page"] for one in source.asked] == ["2"]


def test_spans_cover_the_time_without_a_gap_and_none_is_longer_than_allowed() -> None:
    answers = {("20261101000000", "1"): page(None, 1, 2), ("20261106000000", "1"): page(None, 3)}
    source = Source(SPANS, answers, Window())
    assert numbers(list(source.pieces())) == [1, 2, 3]
    spans = list(dict.fromkeys((one["from"], one["to"]) for one in source.asked))
    assert spans == [
        ("20261101000000", "20261106000000"),
        ("20261106000000", "20261111000000"),
        ("20261111000000", "20261112233000"),
    ]


@pytest.mark.parametrize("since", [AT - timedelta(days=7), AT - timedelta(hours=1)])
def test_spans_begin_where_the_feed_was_read_to(since: datetime) -> None:
    source = Source(SPANS, {}, Window(since=since))
    list(source.pieces())
    assert source.asked[0]["from"] == (since + timedelta(hours=7)).strftime("%Y%m%d%H%M%S")


def test_spans_go_on_within_a_span() -> None:
    answers = {("20261101000000", "1"): page(4, 1, 2), ("20261101000000", "2"): page(4, 3, 4)}
    source = Source(SPANS, answers, Window(until=AT - timedelta(days=9)))
    first, *_ = source.pieces()
    source.asked.clear()
    assert numbers(list(source.pieces(dict(first.resume)))) == [3, 4]
    assert [(one["from"], one["page"]) for one in source.asked] == [("20261101000000", "2")]


def test_a_year_without_a_dossier_is_no_repetition() -> None:
    paging = SPANS.model_copy(update={"begins": AT - timedelta(days=365)})
    last = (AT - timedelta(days=5) + timedelta(hours=7)).strftime("%Y%m%d%H%M%S")
    source = Source(paging, {(last, "1"): page(None, 7)}, Window())
    assert numbers(list(source.pieces())) == [7]
