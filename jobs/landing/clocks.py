"""Instants as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas import types as t
from schemas.zone import HANOI


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
    if found.tzinfo is None or not t.EARLIEST <= found.astimezone(HANOI).date().isoformat() <= t.LATEST:
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
            return datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=HANOI)
        case "epoch_ms":
            return datetime.fromtimestamp(int(value) / 1000, UTC)
    return datetime.fromisoformat(value)
