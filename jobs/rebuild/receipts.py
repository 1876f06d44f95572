"""The first thing in which two receipts differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

UNREPEATABLE = frozenset({"seconds", "durations", "started_at", "ended_at"})
"""Entries of a receipt that tell how long it took, not what was done."""


def first_difference(stored: Mapping[str, Any], rebuilt: Mapping[str, Any]) -> str | None:
    """Place and both values of the first entry that differs, None when there is none.

    >>> first_difference({"a": {"b": 1}, "seconds": 2}, {"a": {"b": 3}})
    'a.b: 1 recorded, 3 rebuilt'
    """
    return next(_differences("", _plain(stored), _plain(rebuilt)), None)


def _plain(receipt: Mapping[str, Any]) -> Any:
    """A receipt as ops keeps it: JSON."""
    return json.loads(json.dumps(receipt, default=str))


def _differences(place: str, one: Any, two: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(two, dict):
        for name in sorted((one.keys() | two.keys()) - UNREPEATABLE):
            inner = f"{place}.{name}" if place else name
            yield from _differences(inner, one.get(name), two.get(name))
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for number, pair in enumerate(zip(one, two, strict=True)):
            yield from _differences(f"{place}[{number}]", *pair)
    elif one != two:
        yield f"{place}: {_short(one)} recorded, {_short(two)} rebuilt"


def _short(value: Any) -> str:
    return f"{len(value)} entries" if isinstance(value, list | dict) else str(value)
