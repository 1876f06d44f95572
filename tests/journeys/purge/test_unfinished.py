"""Erasures that are cut off, and are met by others at work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import pytest

from jobs import ops, purge
from jobs.__main__ import main
from jobs.ledger.verify import verify
from jobs.ops import erasures
from tests.journeys import worked_example as w
from tests.journeys.purge.traces import BASIS, environ, places
from tests.support.line import Line

NAMED: Mapping[str, list[str]] = {"dossiers": [], "submission_ids": [], "rows": []}


def test_one_that_was_cut_off_at_the_decision(erased: Line, at: Iterator[datetime]) -> None:
    """A day goes on with what is landed; until the rest is done, verification names the erasure."""
    whole = purge.places_of(erased.settings, **NAMED | {"dossiers": [w.D4]})
    engine = ops.engine(erased.settings)
    one = erasures.decide(engine, places=whole, basis=BASIS, by="steward", at=next(at))
    told = verify(erased.settings)["first_difference"]
    assert (told["where"], told["found"]) == (f"ops.erasures {one.erasure_id}", "decided")
    erased.conform(next(at), list(whole))
    erased.merge(next(at))
    words = ["purge", "--resume", "--at", next(at).isoformat()]
    assert main(words, environ(erased.settings)) == 0
    assert erased.query("business", "select count(*) from businesses_history") == [(0,)]
    assert places(erased.settings, [w.D4]) == {}
    assert verify(erased.settings)["first_difference"] is None


@pytest.mark.parametrize("point", ["note_rewritten", "note_removed", "finish"])
def test_one_that_was_killed(
    erased: Line, at: Iterator[datetime], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """After landing was written anew, before anything was deleted, and after everything was."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    named = {
        "note_rewritten": {"dossiers": [w.D2]},
        "note_removed": {"dossiers": [w.D6]},
        "finish": {"rows": [f"{w.FEED}.00000001/1/5"]},
    }
    whole = purge.places_of(erased.settings, **NAMED | named[point])
    with monkeypatch.context() as patched:
        patched.setattr(erasures, point, killed)
        with pytest.raises(KeyboardInterrupt):
            purge.erase(erased.settings, places=whole, basis=BASIS, by="steward", at=next(at))
    assert verify(erased.settings)["first_difference"]["what"] == "state"
    erased.conform(next(at), list(whole))
    erased.merge(next(at))
    assert [one["state"] for one in purge.resume(erased.settings, at=next(at))] == ["finished"]
    assert verify(erased.settings)["first_difference"] is None
    assert purge.resume(erased.settings, at=next(at)) == []
