"""Findings that cannot be are refused and not shown as none."""

from __future__ import annotations

import pytest

from jobs import session
from jobs.errors import UsageFault
from jobs.findings import listing
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
