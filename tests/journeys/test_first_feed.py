"""Which of two feeds speaks for a dossier follows from what was landed first, and from no batch's bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jobs.ledger.verify import verify
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day, reset

SECOND = "35-second"
GOOD = {"NgaySinh": "03/04/1980"}


def death(**more: Any) -> dict[str, Any]:
    """Dũng's death as the second feed tells it: what the first has wrong is right."""
    told = w._death(**more)
    told["form"]["body"]["NguoiDan"][0] |= GOOD
    return told


def together(line: Line) -> None:
    line.pull(w.FEED, at_day(1))
    line.pull(SECOND, at_day(1))
    line.conform(at_day(1))


def one_after_the_other(line: Line) -> None:
    for feed in (w.FEED, SECOND):
        line.pull(feed, at_day(1))
        line.conform(at_day(1))


def the_first_late(line: Line) -> None:
    line.pull(w.FEED, at_day(1))
    named = line.pull(SECOND, at_day(1))["submission_id"]
    line.conform(at_day(1), [named])
    line.conform(at_day(1))


@pytest.mark.parametrize("way", [together, one_after_the_other, the_first_late], ids=lambda way: way.__name__)
def test_the_first_that_sent_it_speaks_also_where_its_row_is_quarantined(
    line: Line, way: Callable[[Line], None]
) -> None:
    reset(line.settings)
    w.baseline(line)
    second = line.inbox("35", "second")
    keys = {"kind": "directory", "dialect": "dvcqg", "url": str(second), "patterns": {"*": "dossiers"}}
    line.source("35", {"second": keys}, province="01")
    (line.inbox("01") / "a.ndjson.gz").write_bytes(ndjson([w._death(number=1)]))
    (second / "a.ndjson.gz").write_bytes(ndjson([death(number=1)]))
    way(line)
    line.merge(at_day(1))
    assert {(one.feed_id, one.codes) for one in line.findings(w.D3)} == {
        (w.FEED, "POP-003"),
        (SECOND, "DOS-908"),
    }
    assert line.query("population", "select death_date from persons where personal_id = :id", id=w.DUNG) == [
        (None,)
    ]
    assert verify(line.settings)["first_difference"] is None
