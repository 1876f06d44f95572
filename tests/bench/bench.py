"""What a work of the bench is given: a running home, and how large it is to be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jobs.settings import Settings
from tests.support.line import Line

CORE = ("postgres", "store", "spark")


@dataclass(slots=True)
class Bench:
    """One run of the bench."""

    home: Path
    settings: Settings
    scale: float
    with_airflow: bool = True
    notes: list[str] = field(default_factory=list)
    """What could not be measured, and why."""
    population: Line | None = None
    """A line with a register that works share; None where there is none, or when another emptied the line."""

    def rows(self, whole: int) -> int:
        """A number of rows at the scale of the run."""
        return max(100, round(whole * self.scale))


@dataclass(slots=True)
class Watch:
    """Seconds of a block, once it has ended."""

    seconds: float = 0.0


@contextmanager
def timed(name: str = "") -> Iterator[Watch]:
    """Measures a block; one with a name is told when it has ended."""
    watch, begun = Watch(), time.monotonic()
    yield watch
    watch.seconds = time.monotonic() - begun
    if name:
        print(f"  {name:<52}{watch.seconds:>12.1f} s", flush=True)
