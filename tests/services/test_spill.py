"""Spark's scratch folder holds rows while a query runs, and none of those of a server that was killed."""

from __future__ import annotations

from jobs import session
from jobs.settings import Settings
from tests.faults.injections import kill


def test_what_a_killed_server_left_is_gone_when_its_supervisor_has_it_back(settings: Settings) -> None:
    left = settings.home / "run" / "spark" / "blockmgr-1" / "00" / "shuffle_0_0_0.data"
    left.parent.mkdir(parents=True)
    left.write_text("a row")
    kill(settings.home, "spark")
    assert not left.exists()
    assert session.connect(settings).range(3).count() == 3
