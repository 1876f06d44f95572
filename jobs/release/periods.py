"""Closed periods: months that have ended and that the provinces have reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.zone import HANOI


@dataclass(frozen=True, slots=True)
class Policy:
    """What a release may show; each release records the one it was made under."""

    minimum: int = 10
    """Smallest count, and smallest difference between releases, that is shown."""
    minimum_provinces: int = 32
    """Provinces that must have reported a month: all 34, at most two of them late."""
    window_months: int = 24
    """Newest closed months that a release holds."""


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class Period:
    """A closed month."""

    month: str
    ends_at: datetime
    """First instant after it, in UTC."""
    provinces: frozenset[str]
    """Provinces that have reported it."""


def month_of(instant: datetime) -> str:
    """The month in Viet Nam that an instant lies in."""
    return instant.astimezone(HANOI).strftime("%Y-%m")


def end_of(month: str) -> datetime:
    """First instant after a month, in UTC."""
    year, number = (int(part) for part in month.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=HANOI).astimezone(UTC)


def closed(
    months: Iterable[str], reported_at: Mapping[str, datetime], *, at: datetime, policy: Policy
) -> tuple[Period, ...]:
    """The newest months that have ended and that enough provinces have reported, in order.

    Args:
        months: Months of which there are data.
        reported_at: Newest instant up to which each province's dossiers are known.
        at: The instant of the release.
        policy: What it may show.
    """
    found = []
    for month in sorted(set(months)):
        ends_at = end_of(month)
        provinces = frozenset(code for code, instant in reported_at.items() if instant >= ends_at)
        if ends_at <= at and len(provinces) >= policy.minimum_provinces:
            found.append(Period(month, ends_at, provinces))
    return tuple(found[-policy.window_months :])
