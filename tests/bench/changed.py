"""Ten thousand changes against a register of a million: conform and merge, with the session already open."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import population
from tests.bench.bench import Bench, timed
from tests.bench.figures import Figure, seconds
from tests.support.line import at_day

CHANGES = 10_000
_GOAL = 20.0


def measured(bench: Bench) -> Iterator[Figure]:
    """One day of changes."""
    line, number = population.grown(bench), bench.rows(CHANGES)
    population.deliver_changes(line, number)
    line.pull("01-dossiers", at_day(2))
    with timed("changed, conform") as conform:
        line.conform(at_day(2))
    with timed("changed, merges") as merge:
        receipts = line.merge(at_day(2))
    if receipts["population"]["updated"] != number:
        raise RuntimeError(f"{receipts['population']['updated']} of {number} changes were carried out")
    known = bench.rows(population.ROWS)
    whole = conform.seconds + merge.seconds
    yield seconds(f"{number} changes against {known} persons", whole, _GOAL)
    yield seconds("of which conform", conform.seconds)
    yield seconds("of which merges and loads", merge.seconds)
