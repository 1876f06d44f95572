"""Days of the sandbox's nation, stage by stage: landing to served by hand, then one through Airflow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from infra import embedded
from infra.sandbox.home import configure, read
from jobs.errors import UsageFault
from jobs.settings import Settings
from jobs.sync import Asked, sync
from tests.bench.bench import CORE, Bench, timed
from tests.bench.figures import Figure, rate, seconds
from tests.support.line import at_day, reset
from tests.support.stages import Clock, advance, by_hand


def measured(bench: Bench) -> Iterator[Figure]:
    """Day 0 is the baseline, day 1 brings the dossiers of three months, day 2 those of a day."""
    folder = bench.home / "sandbox"
    configure(folder, seed="bench", scale=bench.scale, profile="typical")
    if (known := read(folder)["scale"]) != bench.scale:
        raise UsageFault(
            f"{folder} is a world of scale {known}.", f"remove {bench.home}, or name another --home."
        )
    with timed("day, sandbox start") as started:
        embedded.up(bench.home, (*CORE, "sandbox"))
    bench.population = None
    reset(bench.settings)
    rows, served = 0, 0.0
    for day, pattern in ((0, "*-baseline"), (1, "*-dossiers*")):
        clock = Clock()
        rows += by_hand(bench.settings, clock, day, pattern)
        served += sum(spent for name, spent in clock.seconds.items() if not name.endswith("pull"))
        yield from (seconds(name, spent) for name, spent in clock.seconds.items())
    yield rate("landing to served", rows, served)
    yield seconds("start of the sandbox", started.seconds)
    if bench.with_airflow:
        with timed("day, Airflow start") as started:
            embedded.up(bench.home, embedded.EVERYTHING)
        yield seconds("start of Airflow", started.seconds)
        yield from _through_airflow(bench.settings, 2)


def _through_airflow(settings: Settings, day: int) -> Iterator[Figure]:
    """A day through the real scheduler, with the seconds after which each stage was done."""
    advance(settings, day)
    done: dict[str, float] = {}
    begun = time.monotonic()

    def progress(states: Any) -> None:
        for name, state in states.items():
            if state == "done":
                done.setdefault(name, time.monotonic() - begun)

    with timed(f"day {day}, Airflow") as watch:
        sync(settings, Asked(at_day(day)), progress=progress)
    yield seconds(f"day {day} through Airflow", watch.seconds)
    yield from (seconds(f"day {day}, {name} done after", value) for name, value in done.items())
