"""A hundred thousand quarantined rows replayed after a person let them pass the gate, twice (R19)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime

from jobs.findings.replay import Acceptance, replay
from schemas.types import ROW_DISPOSITIONS
from tests.bench import population
from tests.bench.bench import Bench, timed
from tests.bench.figures import Figure, rate, seconds
from tests.support.line import Line, at_day, empty

ROWS = 100_000
_BROKEN = 3
"""Of five: more than the half that the gate lets pass."""
_STATE = """
    select count(*), max(recorded_from), md5(string_agg(version_digest, '' order by version_digest))
    from persons_history where recorded_to is null
"""


def measured(bench: Bench) -> Iterator[Figure]:
    """One refused extract; the second replay must change nothing."""
    folder, number = bench.home / "replayed", bench.rows(ROWS)
    bench.population = None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    line = empty(bench.settings, folder)
    line.directory("01")
    population.deliver(line, number, "refused", broken=_BROKEN)
    line.day("01-baseline", at_day(1))
    _require(line, "quarantined", number)
    first = _replayed(line, at_day(2))
    _require(line, "effective", sum(place % 5 >= _BROKEN for place in range(number)))
    state = line.query("population", _STATE)
    second = _replayed(line, at_day(3))
    if line.query("population", _STATE) != state:
        raise RuntimeError("the second replay changed the register")
    yield rate("quarantined rows replayed, to the register", number, first)
    yield seconds("the same replay again, which changes nothing", second)


def _replayed(line: Line, at: datetime) -> float:
    """Seconds of a replay with its merges."""
    why = Acceptance("steward", "the province mends its dates later")
    with timed("replayed, conform and merges") as watch:
        replay(line.settings, at=at, submission_ids=["01-baseline.00000001"], acceptance=why)
        line.merge(at)
    return watch.seconds


def _require(line: Line, disposition: str, number: int) -> None:
    found = dict(zip(ROW_DISPOSITIONS, line.rows(), strict=True))
    if found[disposition] != number:
        raise RuntimeError(f"{found[disposition]} rows are {disposition}, not {number}")
