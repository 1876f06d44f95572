"""Days of the sandbox's nation, stage by stage: landing to served by hand, then one through Airflow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2 as httpx

from infra import embedded
from infra.sandbox.home import configure
from jobs import extract
from jobs.conform import run as conforming
from jobs.merge import run as merging
from jobs.settings import Settings
from jobs.sync import Asked, sync
from schemas.contract import REGISTERS
from tests.bench.bench import CORE, Bench, timed
from tests.bench.figures import Figure, rate, seconds
from tests.support.line import at_day, reset


def measured(bench: Bench) -> Iterator[Figure]:
    """Day 0 is the baseline, day 1 brings the dossiers of three months, day 2 those of a day."""
    configure(bench.home / "sandbox", seed="bench", scale=bench.scale, profile="typical")
    with timed("day, sandbox start") as started:
        embedded.up(bench.home, (*CORE, "sandbox"))
    bench.population = None
    reset(bench.settings)
    rows, served = 0, 0.0
    for day, pattern in ((0, "*-baseline"), (1, "*-dossiers")):
        landed, stages = _by_hand(bench.settings, day, pattern)
        rows += landed
        served += sum(figure.value for figure in stages[1:])
        yield from stages
    yield rate("landing to served", rows, served)
    yield seconds("start of the sandbox", started.seconds)
    if bench.with_airflow:
        with timed("day, Airflow start") as started:
            embedded.up(bench.home, embedded.EVERYTHING)
        yield seconds("start of Airflow", started.seconds)
        yield from _through_airflow(bench.settings, 2)


def _by_hand(settings: Settings, day: int, pattern: str) -> tuple[int, list[Figure]]:
    """Pulls, conforms and merges a day; the number of rows, and the seconds of each stage."""
    _advance(settings, day)
    at, found = at_day(day), []
    feeds = extract.due(settings, patterns=[pattern])
    with timed(f"day {day}, pull") as watch, ThreadPoolExecutor(8) as pool:
        pulled = list(pool.map(lambda feed: extract.pull(settings, feed_id=feed, at=at), feeds))
    found.append(seconds(f"day {day}, pull", watch.seconds))
    with timed(f"day {day}, conform") as watch:
        conforming.run(settings, at=at)
    found.append(seconds(f"day {day}, conform", watch.seconds))
    for register in REGISTERS:
        name = f"day {day}, merge {register.value}"
        with timed(name) as watch:
            merging.run(settings, register=register.value, at=at)
        found.append(seconds(name, watch.seconds))
    return sum(int(one["rows"]) for one in pulled), found


def _through_airflow(settings: Settings, day: int) -> Iterator[Figure]:
    """A day through the real scheduler, with the seconds after which each stage was done."""
    _advance(settings, day)
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


def _advance(settings: Settings, day: int) -> None:
    """Moves the sandbox's calendar."""
    httpx.post(f"{settings.sandbox_url}/_control/advance", json={"day": day}, timeout=3600).raise_for_status()
