"""Instants as sources write them, read and written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import types as t
from schemas.zone import HANOI

_COMPACT = "%Y%m%d%H%M%S"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEGINS = datetime.fromisoformat(t.EARLIEST).replace(tzinfo=HANOI)
ENDS = (datetime.fromisoformat(t.LATEST) + timedelta(days=1)).replace(tzinfo=HANOI)
"""Instants before the one, and from the other on, are none that a dossier may have."""


def instant_of(value: Any, clock: str) -> datetime:
    """The instant that a value stands for, in UTC.

    Args:
        value: As decoded from JSON.
        clock: How it is written, one of ``schemas.layout.CLOCKS``.

    Raises:
        TypeError, ValueError, OverflowError: It is none, or its day in Viet Nam is not one that an instant
            may name.

    >>> instant_of("20261102090000", "compact").isoformat()
    '2026-11-02T02:00:00+00:00'
    """
    found = _found(value, clock)
    if found.tzinfo is None or not BEGINS <= found < ENDS:
        raise ValueError("no instant, or out of range")
    return found.astimezone(UTC)


def _found(value: Any, clock: str) -> datetime:
    match clock:
        case "local":
            found = datetime.fromisoformat(value)
            if found.tzinfo is not None:
                raise ValueError("an offset, where local time belongs")
            return found.replace(tzinfo=HANOI)
        case "compact":
            if len(value) != 14:
                raise ValueError("not fourteen digits")
            return datetime.strptime(value, _COMPACT).replace(tzinfo=HANOI)
        case "epoch_ms":
            return datetime.fromtimestamp(int(value) / 1000, UTC)
    return datetime.fromisoformat(value)


def written(at: datetime, clock: str) -> str | int:
    """An instant as a source writes it, in Viet Nam; what a clock has no place for is cut off.

    So of an instant of a source's own nothing is lost, and of two its order stays.

    Args:
        at: The instant.
        clock: How it is to be written, one of ``schemas.layout.CLOCKS``.

    >>> written(datetime(2026, 11, 2, 2, tzinfo=UTC), "local")
    '2026-11-02 09:00:00'
    >>> written(datetime(2026, 11, 2, 2, microsecond=500_000, tzinfo=UTC), "local")
    '2026-11-02 09:00:00.500000'
    """
    local = at.astimezone(HANOI)
    match clock:
        case "local":
            return local.replace(tzinfo=None).isoformat(" ")
        case "compact":
            return local.strftime(_COMPACT)
        case "epoch_ms":
            return (at - _EPOCH) // timedelta(milliseconds=1)
    return local.isoformat()
