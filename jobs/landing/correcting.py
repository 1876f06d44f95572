"""A record with values put right at their places."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.landing.decoding import canonical_json


def corrected(
    record: Mapping[str, Any], changes: Sequence[tuple[Sequence[str | int], str | None]]
) -> dict[str, Any]:
    """A copy of a record with values replaced at their places; a missing place is made.

    Args:
        record: The record as received.
        changes: (path of keys and list indexes, new text).
    """
    copy: dict[str, Any] = json.loads(canonical_json(record))
    for path, text in changes:
        copy = _with(copy, path, text)
    return copy


def _with(node: Any, path: Sequence[str | int], text: str | None) -> Any:
    """The node with a text at a place; a lone object is its own first item, anything else gives way."""
    if not path:
        return text
    step, *rest = path
    if isinstance(step, str):
        fields = node if isinstance(node, dict) else {}
        return {**fields, step: _with(fields.get(step), rest, text)}
    if isinstance(node, dict) and step == 0:
        return _with(node, rest, text)
    items = node if isinstance(node, list) else [] if node is None else [node]
    items = [*items, *({} for _ in range(step + 1 - len(items)))]
    return [*items[:step], _with(items[step], rest, text), *items[step + 1 :]]
