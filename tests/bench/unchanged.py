"""A million rows delivered again as they were: conform recognises them, and no fact reaches the register."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import population
from tests.bench.bench import Bench, timed
from tests.bench.figures import Figure, rate, seconds
from tests.support.line import at_day

_GOAL = 50_000


def measured(bench: Bench) -> Iterator[Figure]:
    """The second delivery of a register extract."""
    line, number = population.grown(bench), bench.rows(population.ROWS)
    population.deliver(line, number, "second")
    with timed("unchanged, pull") as pull:
        line.pull("01-baseline", at_day(3))
    with timed("unchanged, conform") as conform:
        told = line.conform(at_day(3))
    with timed("unchanged, merges") as merge:
        receipts = line.merge(at_day(3))
    again = sum(one["rows"] for one in told["counts"] if one["disposition"] == "duplicate")
    if again != number or receipts["population"]["emitted"]:
        raise RuntimeError(f"{again} of {number} rows were recognised")
    yield rate("unchanged rows, pulled and landed", number, pull.seconds)
    yield rate("unchanged rows, conform → register", number, conform.seconds + merge.seconds, _GOAL)
    yield seconds("of which merges, which find nothing to do", merge.seconds)
