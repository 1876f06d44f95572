"""A record with values put right at their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def corrected(
    record: Mapping[str, Any], changes: Sequence[tuple[Sequence[str | int], str | None]]
) -> dict[str, Any]:
    """The record with values replaced at their places; all else stays what it is, as it was written.

    A missing place is made, and with it at most one item of a list: a change of an item beyond the one that
    would be next has no place, and changes nothing. Where nothing is, nothing has to be emptied.

    Args:
        record: The record as received; it is not changed.
        changes: (path of keys and list indexes, new text), in the order they were made.
    """
    found = dict(record)
    for path, text in changes:
        if at(found, path) is not None if text is None else has_place(found, path):
            found = _with(found, path, text)
    return found


def at(record: Any, path: Sequence[str | int]) -> Any:
    """What stands at a place of a record; None where there is nothing. A lone object is its own first item.

    >>> at({"a": [{"b": 1}]}, ["a", 0, "b"]), at({"a": {"b": 1}}, ["a", 0, "b"]), at({}, ["a", 0])
    (1, 1, None)
    """
    node = record
    for step in path:
        if isinstance(node, dict):
            node = node if step == 0 else node.get(str(step))
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return None
    return node


def has_place(record: Any, path: Sequence[str | int]) -> bool:
    """Whether a path leads to a value or to one that can be made: a list grows by its next item alone.

    >>> has_place({"a": [{}]}, ["a", 1, "b"]), has_place({"a": [{}]}, ["a", 2, "b"])
    (True, False)
    """
    node = record
    for step in path:
        if isinstance(step, str):
            node = node.get(step) if isinstance(node, dict) else None
            continue
        items = _items(node)
        if step > len(items):
            return False
        node = items[step] if step < len(items) else None
    return True


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
    items = _items(node)
    old = items[step] if step < len(items) else {}
    return [*items[:step], _with(old, rest, text), *items[step + 1 :]]


def _items(node: Any) -> list[Any]:
    if isinstance(node, list):
        return node
    return [] if node is None else [node]
