"""What the days together say: flat or not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

TOLERANCE = 0.10
FULLEST = 8
"""Files from which maintenance compacts a bucket; after it no bucket has so many."""
_SMALL_MIB = 16
"""Below it a service's memory is judged as if it had this much: pages come and go."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One measure over all days."""

    what: str
    before: float
    """Mean of the second third of the days."""
    after: float
    """Mean of the last third."""
    is_flat: bool


def flat(what: str, values: Sequence[float], *, floor: float = 0.0) -> Verdict:
    """Whether the last third of a series lies within the tolerance of the second third, or below it.

    The first third is warming up: caches fill, classes are compiled.

    >>> flat("x", [1, 5, 100, 100, 105, 105]).is_flat, flat("x", [1, 5, 100, 100, 120, 115]).is_flat
    (True, False)
    """
    third = len(values) // 3
    if not third:
        return Verdict(what, 0.0, 0.0, is_flat=False)
    before, after = mean(values[third : 2 * third]), mean(values[2 * third :])
    return Verdict(what, before, after, after <= max(before, floor) * (1 + TOLERANCE))


def verdicts(days: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """Memory of each service, seconds of a plain day, bytes per row, files after maintenance."""
    told = [
        flat(f"MiB of {name}", [day["memory"][name] for day in days], floor=_SMALL_MIB)
        for name in days[-1]["memory"]
    ]
    plain = [day for day in days if not day["is_maintained"]]
    told.append(flat("seconds of a day", [sum(day["seconds"].values()) for day in plain]))
    told.append(flat("bytes per row, lake", [_per_row(day["lake"].values(), "rows") for day in days]))
    registers = [[v for name, v in day["databases"].items() if name != "ops"] for day in days]
    told.append(flat("bytes per row, registers", [_per_row(one, "history_rows") for one in registers]))
    maintained = [day for day in days if day["is_maintained"]]
    if maintained:
        fullest = max(table["fullest"] for day in maintained for table in day["lake"].values())
        told.append(
            Verdict("files of a bucket when maintained", FULLEST, fullest, is_flat=fullest < 2 * FULLEST)
        )
    return told


def _per_row(parts: Any, rows: str) -> float:
    parts = list(parts)
    return sum(part["bytes"] for part in parts) / max(1, sum(part[rows] for part in parts))
