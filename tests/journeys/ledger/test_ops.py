"""Tampering with events, anchors and the tables that follow from them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from jobs import ops
from jobs.ledger import anchors
from jobs.ops import batches, submissions
from schemas import ops as schema
from tests.journeys.ledger.tampering import (
    FEED,
    S1,
    S2,
    altered_object,
    altered_ops,
    difference,
)
from tests.support.line import Line, at_day


@pytest.mark.usefixtures("verified_again")
def test_an_events_body(lived: Line) -> None:
    event = schema.events
    changed = event.update().where(event.c.seq == 3).values(body={"feed_id": "02-dossiers"})
    with altered_ops(lived, changed):
        found = difference(lived)
    assert (found["where"], found["what"]) == ("ops.events 3", "hash")


def test_a_cut_tail_of_events(lived: Line) -> None:
    """The rest of the chain holds; the head that is kept outside shows what is missing."""
    last = list(anchors.kept(lived.settings))[-1][1]
    cut = schema.events.delete().where(schema.events.c.seq >= last.seq)
    with altered_ops(lived, cut):
        assert difference(lived) == {
            "where": f"ops.events {last.seq}",
            "what": "anchored hash",
            "expected": last.hash,
            "found": "absent",
        }


def test_an_event_in_the_middle_that_is_gone(lived: Line) -> None:
    with altered_ops(lived, schema.events.delete().where(schema.events.c.seq == 5)):
        assert difference(lived) == {
            "where": "ops.events 5",
            "what": "event",
            "expected": "present",
            "found": "absent",
        }


@pytest.mark.parametrize("data", [b"{", b'{"seq": 2, "hash": "00"}'])
def test_a_kept_head(lived: Line, data: bytes) -> None:
    first = next(anchors.kept(lived.settings))[0]
    with altered_object(lived, first, lambda _: data):
        assert difference(lived)["what"] in {"anchor", "anchored hash"}


def test_a_submissions_row_that_is_gone(lived: Line) -> None:
    mine = schema.submissions.c.submission_id == S2
    with altered_ops(lived, schema.submissions.delete().where(mine)):
        assert difference(lived) == {
            "where": f"ops.submissions {S2}",
            "what": "row",
            "expected": "present",
            "found": "absent",
        }


def test_two_submissions_swapped(lived: Line) -> None:
    """Their landing order decides which row is a duplicate of the other."""
    table = schema.submissions

    def number(submission_id: str, value: int) -> sa.Executable:
        return table.update().where(table.c.submission_id == submission_id).values(number=value)

    known = {one.submission_id: one.number for one in submissions.listed(ops.engine(lived.settings))}
    swap = (number(S1, -1), number(S2, known[S1]), number(S1, known[S2]))
    with altered_ops(lived, *swap):
        found = difference(lived)
    assert found == {
        "where": f"ops.submissions {S1}",
        "what": "number",
        "expected": known[S1],
        "found": known[S2],
    }


def test_a_stored_manifest(lived: Line) -> None:
    table = schema.submissions
    path = sa.literal(["objects", "0", "sha256"], sa.ARRAY(sa.Text))
    changed = sa.func.jsonb_set(table.c.manifest, path, sa.literal("00", JSONB))
    with altered_ops(lived, table.update().where(table.c.submission_id == S1).values(manifest=changed)):
        found = difference(lived)
    assert (found["where"], found["what"]) == (f"ops.submissions {S1}", "manifest.objects[0].sha256")


def test_a_stored_count_of_a_batch(lived: Line) -> None:
    table = schema.batches
    path = sa.literal(["counts", "0", "rows"], sa.ARRAY(sa.Text))
    changed = sa.func.jsonb_set(table.c.result, path, sa.literal(99, JSONB))
    with altered_ops(lived, table.update().where(table.c.batch_id == 1).values(result=changed)):
        assert difference(lived) == {
            "where": "ops.batches 1",
            "what": "result.counts[0].rows",
            "expected": 1,
            "found": 99,
        }


def test_a_corrections_value_is_never_shown(lived: Line) -> None:
    changed = schema.corrections.update().values(new_text="05/06/1970")
    with altered_ops(lived, changed):
        found = difference(lived)
    assert (found["where"], found["what"]) == ("ops.corrections 1", "new_text")
    assert "1970" not in str(found)
    assert "1980" not in str(found)


def test_an_identity_decision(lived: Line) -> None:
    merges = [batch for batch in batches.committed(ops.engine(lived.settings), "merge") if batch.result]
    decided = [batch for batch in merges if (batch.result or {}).get("decisions", {}).get("rows")]
    assert decided
    with altered_ops(lived, schema.decisions.update().values(verdict="apart")):
        found = difference(lived)
    assert (found["where"], found["what"]) == (f"ops.decisions of batch {decided[0].batch_id}", "digest")
    with altered_ops(lived, schema.decisions.delete()):
        assert difference(lived)["what"] == "rows"


def test_a_cursor_that_no_pull_moved(lived: Line) -> None:
    invented = schema.cursors.insert().values(feed_id=FEED, updated_at=at_day(9), last_id="9")
    with altered_ops(lived, invented):
        assert difference(lived) == {
            "where": f"ops.cursors {FEED}",
            "what": "row",
            "expected": "absent",
            "found": "present",
        }
