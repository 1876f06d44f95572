"""``make bench``: records per second from landing to served, and the seconds of each stage of a day.

The line is first driven by hand (no Airflow): day 0 and day 1 of the sandbox at scale 1 are about 0.1 M
rows. Then day 2 runs through the real Airflow. Figures go to standard output as a table and to
``<home>/bench.json``. Options: ``--scale``, ``--home``, ``--no-airflow``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx2 as httpx

from infra import embedded
from infra.sandbox.home import configure
from jobs import extract, session
from jobs.conform import run as conforming
from jobs.merge import run as merging
from jobs.settings import Settings, load_settings
from jobs.setup import prepare
from jobs.sync import Asked, sync
from schemas.contract import REGISTERS

EVENING = datetime(2026, 11, 1, 23, 30, tzinfo=timezone(timedelta(hours=7)))
CORE = ("postgres", "store", "spark", "sandbox")


class Clock:
    """Seconds by stage."""

    def __init__(self, tell: Callable[[str], None] = print) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 1)
        self._tell(f"{name:<28}{self.seconds[name]:>8.1f} s")


def advance(settings: Settings, day: int) -> None:
    """Moves the sandbox's calendar."""
    httpx.post(f"{settings.sandbox_url}/_control/advance", json={"day": day}, timeout=3600).raise_for_status()


def by_hand(settings: Settings, clock: Clock, day: int, pattern: str) -> int:
    """Pulls, conforms and merges a day; the number of rows."""
    advance(settings, day)
    at, label = EVENING + timedelta(days=day), f"day {day}"
    feeds = extract.due(settings, patterns=[pattern])
    with clock.stage(f"{label} pull"), ThreadPoolExecutor(8) as pool:
        pulled = list(pool.map(lambda feed: extract.pull(settings, feed_id=feed, at=at), feeds))
    with clock.stage(f"{label} conform"):
        conforming.run(settings, at=at)
    for register in REGISTERS:
        with clock.stage(f"{label} merge {register.value}"):
            merging.run(settings, register=register.value, at=at)
    return sum(int(one["rows"]) for one in pulled)


def through_airflow(settings: Settings, clock: Clock, day: int) -> None:
    """A day through the real scheduler, with the seconds after which each stage was done."""
    advance(settings, day)
    done: dict[str, float] = {}
    begun = time.monotonic()

    def progress(states: Any) -> None:
        for name, state in states.items():
            if state == "done":
                done.setdefault(name, time.monotonic() - begun)

    with clock.stage(f"day {day} airflow, whole"):
        sync(settings, Asked(EVENING + timedelta(days=day)), progress=progress)
    for name, seconds in done.items():
        clock.seconds[f"day {day} airflow, {name} done after"] = round(seconds, 1)


def measured(home: Path, scale: float, *, with_airflow: bool) -> dict[str, Any]:
    """Figures of one run on a fresh home."""
    clock = Clock()
    configure(home / "sandbox", seed="bench", scale=scale, profile="typical")
    with clock.stage("start"):
        embedded.up(home, CORE)
    settings = load_settings({"LIENTHONG_HOME": str(home)})
    prepare(settings)
    with clock.stage("spark session"):
        session.connect(settings).range(1).count()
    rows = by_hand(settings, clock, 0, "*-baseline") + by_hand(settings, clock, 1, "*-dossiers")
    served = sum(seconds for name, seconds in clock.seconds.items() if "conform" in name or "merge" in name)
    if with_airflow:
        with clock.stage("airflow start"):
            embedded.up(home, embedded.EVERYTHING)
        through_airflow(settings, clock, 2)
    return {
        "cores": os.cpu_count(),
        "machine": platform.platform(),
        "python": platform.python_version(),
        "scale": scale,
        "rows": rows,
        "landing_to_served_seconds": round(served, 1),
        "records_per_second": round(rows / served),
        "seconds": clock.seconds,
    }


def main(tell: Callable[[str], None] = print) -> None:
    """Runs the benchmark in a home of its own, which is stopped afterwards."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--home", type=Path, default=Path(".lienthong-bench"))
    parser.add_argument("--no-airflow", action="store_true")
    asked = parser.parse_args()
    home = asked.home.resolve()
    try:
        told = measured(home, asked.scale, with_airflow=not asked.no_airflow)
    finally:
        session.disconnect()
        embedded.down(home)
    (home / "bench.json").write_text(json.dumps(told, indent=1))
    tell(f"{told['rows']} rows, landing to served in {told['landing_to_served_seconds']} s:")
    tell(f"{told['records_per_second']} records/s on {told['cores']} cores; written to {home / 'bench.json'}")


if __name__ == "__main__":
    main()
