"""What a worker does with landed rows: read, decoded, digested, counted and put into Arrow's columns."""

from __future__ import annotations

import gc
import shutil
import statistics
from collections.abc import Iterator

from jobs import ops
from jobs.conform.landing import options
from jobs.conform.reader import LandingReader
from jobs.ops import submissions
from schemas import dialect as dialects
from tests.bench import population
from tests.bench.bench import Bench, timed
from tests.bench.figures import Figure, rate
from tests.support.line import at_day, empty

ROWS, ROUNDS = 100_000, 3


def measured(bench: Bench) -> Iterator[Figure]:
    """Rows of a register's extract that one process reads in a second; the median of some rounds."""
    folder, number, bench.population = bench.home / "reading", bench.rows(ROWS), None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    line = empty(bench.settings, folder)
    line.directory("01")
    population.deliver(line, number, "read")
    line.pull("01-baseline", at_day(1))
    landed = submissions.listed(ops.engine(line.settings))
    reader = LandingReader(options(line.settings, landed, (), [dialects.load("baseline")]))
    usual = gc.get_threshold()  # A worker's setting is not that of the works that follow in this process.
    try:
        taken = [_read(reader, number) for _ in range(ROUNDS)]
    finally:
        gc.set_threshold(*usual)
    yield rate("landed rows read by one process", number, statistics.median(taken))


def _read(reader: LandingReader, number: int) -> float:
    """Seconds of reading all rows once."""
    with timed("reading") as watch:
        rows = sum(batch.num_rows for partition in reader.partitions() for batch in reader.read(partition))
    if rows != number:
        raise RuntimeError(f"{rows} of {number} rows were read")
    return watch.seconds
