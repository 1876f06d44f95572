"""The indicator: dossiers that the portal has as we have them, of those that are due, by province."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jobs import ops
from jobs.ops import outbox
from jobs.portal.derive import touched
from jobs.settings import Settings
from schemas.reference import provinces

_SUMMED = ("due", "synced", "pending", "rejected")


def status(settings: Settings) -> dict[str, Any]:
    """Dossiers due and synced by province and in all, from ops alone.

    Due is a dossier with a version that stands; synced, one whose newest version the portal accepted. A
    ratio is told with its numerator and denominator. ``underived`` submissions were conformed since the
    outbox was brought into line with core.
    """
    engine = ops.engine(settings)
    rows = [
        {**one, "name": provinces()[one["province_code"]], "percent": percent(one["synced"], one["due"])}
        for one in outbox.counts(engine)
    ]
    return {"provinces": rows, "all": total(rows), "underived": len(touched(engine))}


def total(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sums over provinces, with the indicator of them all."""
    whole = list(rows)
    sums = {name: sum(int(one[name]) for one in whole) for name in _SUMMED}
    return {**sums, "percent": percent(sums["synced"], sums["due"])}


def percent(synced: int, due: int) -> float | None:
    """The share in per cent with two places; None where nothing is due.

    Ninh Thuận reported 11,190 dossiers and 94.84 %, which is of 11,799 (domain facts, indicator
    ``status_sync_rate``).

    >>> percent(11_190, 11_799), percent(0, 0)
    (94.84, None)
    """
    return round(100 * synced / due, 2) if due else None
