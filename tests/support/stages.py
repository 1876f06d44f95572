"""Days of a sandbox lived by hand, stage by stage, with the seconds of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2 as httpx

from jobs import extract
from jobs.conform import run as conforming
from jobs.merge import run as merging
from jobs.settings import Settings
from schemas.contract import REGISTERS
from tests.support.line import at_day


def said(text: str) -> None:
    """Says a line at once."""
    print(text, flush=True)


class Clock:
    """Seconds by stage."""

    def __init__(self, tell: Callable[[str], None] = said) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 1)
        self._tell(f"  {name:<52}{self.seconds[name]:>12.1f} s")


def advance(settings: Settings, day: int) -> None:
    """Moves the sandbox's calendar."""
    httpx.post(f"{settings.sandbox_url}/_control/advance", json={"day": day}, timeout=3600).raise_for_status()


def by_hand(settings: Settings, clock: Clock, day: int, pattern: str) -> int:
    """Pulls, conforms and merges a day; the number of rows."""
    advance(settings, day)
    at, label = at_day(day), f"day {day}"
    feeds = extract.due(settings, patterns=[pattern])
    with clock.stage(f"{label} pull"), ThreadPoolExecutor(8) as pool:
        pulled = list(pool.map(lambda feed: extract.pull(settings, feed_id=feed, at=at), feeds))
    with clock.stage(f"{label} conform"):
        conforming.run(settings, at=at)
    for register in REGISTERS:
        with clock.stage(f"{label} merge {register.value}"):
            merging.run(settings, register=register.value, at=at)
    return sum(int(one["rows"]) for one in pulled)
