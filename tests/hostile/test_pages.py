"""Pages: a source that misbehaves is late with one message; what came before loads, and so do the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from jobs import ops
from jobs.ops import submissions
from tests.hostile.lived import PAGE_FEEDS, Lived
from tests.hostile.pages import PAGES, PageKind


def wrong(lived: Lived) -> Iterator[str]:
    """Kinds whose fate is another than was declared."""
    for kind in PAGES:
        feed = PAGE_FEEDS[kind.name]
        told, rows = (
            lived.told[feed],
            Counter(row["disposition"] for row in lived.rows.get(feed, {}).values()),
        )
        is_told = told is None if kind.told is None else kind.told in (told or "")
        if not is_told or rows != Counter(kind.rows):
            yield f"{kind.name}: {told} {dict(rows)}"


def refusals(lived: Lived, kind: PageKind) -> list[str]:
    """Why pages of a kind are kept as evidence alone."""
    return [entry["reason"] for entry in lived.manifest(PAGE_FEEDS[kind.name])["refused"]]


def test_every_page_has_its_fate(lived: Lived) -> None:
    assert list(wrong(lived)) == []


def test_a_page_that_is_too_long_is_kept_in_part(lived: Lived) -> None:
    for kind in PAGES:
        found = refusals(lived, kind)
        assert len(found) == (kind.refusal is not None)
        assert all((kind.refusal or "") in why for why in found)


def test_what_came_before_the_silence_waits(lived: Lived) -> None:
    open_ones = {s.feed_id: s for s in submissions.listed(ops.engine(lived.line.settings), "pulling")}
    assert set(open_ones) == {PAGE_FEEDS[kind.name] for kind in PAGES if not kind.rows}
    assert [[entry["rows"] for entry in one.progress["objects"]] for one in open_ones.values()] == [[1]] * 3


def test_no_message_holds_a_value(lived: Lived) -> None:
    told = [why for why in lived.told.values() if why]
    assert [why for why in told if "H26" in why or "001326" in why or "passwd" in why] == []
