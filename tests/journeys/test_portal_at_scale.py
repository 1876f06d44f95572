"""More than 10,000 dossiers to the portal, every fault at 5 %, the sender killed three times."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from jobs.portal import status
from jobs.portal.reconcile import reconcile
from jobs.settings import Settings
from tests.support import sender
from tests.support.line import Line, at_day
from tests.support.portal import portal
from tests.support.sandbox import nation

pytestmark = pytest.mark.long
_SCALE = 0.36
"""Of the sandbox's country: some 11,000 dossiers on the evening of day one."""


def test_the_portal_has_every_dossier_as_we_have_it(
    line: Line, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("national")
    with nation(line, folder, scale=_SCALE) as country:
        country.advance(1)
        _, late = country.pull(1, "dossiers")
        assert late == {}
        country.line.conform(at_day(1))
    with portal(folder / "portal") as door:
        door.control("POST", rates=sender.everywhere(0.05), seed="10000")
        found = sender.course(
            settings, door, folder / "senders.log", at=at_day(1), kills=3, after=1500, pace=400
        )
        door.control("DELETE")
        mine, theirs, totals = sender.ours(settings), door.holdings(), door.control()
        stopped = sender.refused(settings)
        told = reconcile(door.settings(settings), at=at_day(30))
    figures = {
        "dossiers": len(mine),
        "versions": sum(map(len, mine.values())),
        "killed_at": found.kills,
        "runs_after": found.runs,
        "seconds": found.seconds,
        "indicator": found.last,
        "reconciled": {name: told[name] for name in ("agrees", "absent", "other_status")},
        "portal": {name: n for name, n in totals.items() if isinstance(n, int)},
    }
    print("\n" + json.dumps(figures, indent=1))
    assert len(mine) > 10_000
    assert len(found.kills) == 3
    assert sender.differences(mine, theirs, lambda name: name not in stopped) == []
    assert len(theirs) <= totals["dossiers_received"]
    for name, held in theirs.items():
        if name not in stopped:
            steps = Counter(one["TrangThai"] for one in held["steps"])
            assert steps == Counter(set(mine[name])), "each step once"
    assert found.last == status.status(settings)["all"]
    assert (found.last["due"], found.last["pending"]) == (len(mine), 0)
    assert found.last["synced"] == len(mine) - len(stopped) == told["agrees"]
    assert (told["absent"], told["other_status"]) == (0, 0)
