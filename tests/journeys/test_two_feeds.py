"""Two feeds of a province with the same dossiers: one speaks, the other is told so."""

from __future__ import annotations

from typing import Any

import pytest

from jobs import ops
from jobs.findings.retraction import retract
from jobs.ledger.verify import verify
from jobs.ops import submissions
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day

OTHER = "35-second"


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """The worked example; its second delivery lies in another feed's folder too."""
    w.lived(line)
    second = line.inbox("35", "second")
    keys = {"kind": "directory", "dialect": "dvcqg", "url": str(second), "patterns": {"*": "dossiers"}}
    line.source("35", {"second": keys}, province="01")
    (second / "a.ndjson.gz").write_bytes(ndjson(w.S2))
    return line


def holders(line: Line) -> list[Any]:
    return sorted(line.query("land", "select holder_id from rights"))


def codes(line: Line, dossier: str) -> set[str]:
    return {
        code
        for one in line.findings(dossier)
        if one.feed_id == OTHER and one.effect == "quarantine"
        for code in one.codes.split(",")
    }


def test_a_transfer_that_was_withdrawn_stays_withdrawn(told: Line) -> None:
    before = holders(told)
    told.day(OTHER, at_day(4))
    assert holders(told) == before
    assert {dossier: codes(told, dossier) for dossier in (w.D1, w.D2, w.D6)} == {
        w.D1: {"DOS-908"},
        w.D2: {"DOS-908"},
        w.D6: {"DOS-908"},
    }
    assert verify(told.settings)["first_difference"] is None


def test_when_the_first_is_retracted_the_other_speaks(told: Line) -> None:
    at = at_day(5)
    for one in submissions.listed(ops.engine(told.settings)):
        if one.feed_id == w.FEED:
            retract(
                told.settings, submission_id=one.submission_id, reason="Nguồn cũ dừng", by="steward", at=at
            )
    told.conform(at)
    told.merge(at)
    assert codes(told, w.D2) == set()
    assert (w.EM,) in holders(told), "the transfers of the other feed, none of them withdrawn"
    assert verify(told.settings)["first_difference"] is None
