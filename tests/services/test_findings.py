"""Findings that cannot be are refused and not shown as none."""

from __future__ import annotations

import pytest

from jobs import session
from jobs.errors import UsageFault
from jobs.findings import listing, showing
from jobs.findings.replay import submissions_of
from jobs.findings.standing import Wanted
from jobs.lake import tables
from tests.support.line import Line, at_day


@pytest.mark.parametrize(
    "wanted",
    [{"code": "XYZ-001"}, {"effect": "other"}, {"register": "sea"}, {"province": "1"}, {"province": "99"}],
)
def test_what_does_not_exist_is_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(UsageFault, match=f"no {next(iter(wanted))} {next(iter(wanted.values()))}"):
        Wanted(**wanted)


def test_a_feed_is_known_by_its_source_or_by_what_it_sent(line: Line) -> None:
    line.directory("01")
    tables.ensure(session.connect(line.settings))
    wanted = Wanted(province="01", register="none", feed="01-dossiers")
    assert listing.listed(line.settings, wanted, limit=1)["total"] == 0
    with pytest.raises(UsageFault, match="no feed '01-dossier'"):
        listing.listed(line.settings, Wanted(feed="01-dossier"), limit=1)
    line.pull("01-dossiers", at_day(1))
    (line.folder / "01.toml").unlink()
    assert listing.listed(line.settings, wanted, limit=1)["total"] == 0


def test_a_row_that_is_not_there_is_not_replayed(line: Line) -> None:
    line.directory("01")
    (line.inbox("01") / "a.ndjson").write_bytes(b'{"MaHoSo": "H26.01.02-261102-0001"}\n')
    submission = line.pull("01-dossiers", at_day(1))["submission_id"]
    assert submissions_of(line.settings, [f"{submission}/1/1", submission]) == [submission]
    for place in ("1/2", "9999999999999999999/1", "1/²", "2/1", "x", "1/1/1"):
        with pytest.raises(UsageFault, match="There is no landed row"):
            submissions_of(line.settings, [f"{submission}/{place}"])
        with pytest.raises(UsageFault, match=r"There is no landed row|No finding stands"):
            showing.shown(line.settings, reference=f"{submission}/{place}")
