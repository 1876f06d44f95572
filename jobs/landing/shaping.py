"""Documents inside a record's texts, and numbered keys, as objects and lists that a mapping can name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from jobs.landing.texts import document, is_something
from schemas.dialect import Shaping

MAX_ITEMS = 1_000
"""Of a numbered list: no form has as many lines."""
_MOST_DIGITS = 4
_NO_LIST = "numbered keys that are no list"


def shaped(record: Mapping[str, Any], shapings: Sequence[Shaping]) -> Mapping[str, Any]:
    """The record with its documents read and its numbered keys gathered; the record itself is not changed.

    What cannot be read stays the text that it is: a mapping that looks for an object there finds a record
    of another shape, which is a reason for quarantine.
    """
    for one in shapings:
        record = _at(record, one.path.split(".") if one.path else [], one)
    return record


def _at(node: Any, path: Sequence[str], shaping: Shaping) -> Any:
    if path and isinstance(node, list):
        return [_at(one, path, shaping) for one in node]
    if path:
        return {**node, path[0]: _at(node[path[0]], path[1:], shaping)} if path[0] in _keys(node) else node
    if shaping.form == "numbered":
        return _gathered(node, re.compile(str(shaping.pattern))) if isinstance(node, dict) else node
    if not isinstance(node, str):
        return node
    if not is_something(node):
        return None
    return _xml_items(node) if shaping.form == "xml_items" else document(node, node)


def _keys(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}


def _xml_items(text: str) -> Any:
    """Values by the id of their items; the text where it is no such document, or has two values for an id."""
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return text
    found: dict[str, Any] = {}
    for item in root.iter("item"):
        name, values = item.get("id"), item.findall("value")
        if name is None or name in found or len(values) > 1:
            return text
        found[name] = "".join(values[0].itertext()) if values else None
    return found


def _gathered(node: Mapping[str, Any], pattern: re.Pattern[str]) -> dict[str, Any]:
    """The object with a list of objects in place of each set of numbered keys.

    A set that is no list (a place named twice, a number beyond any form, a list of that name beside it) is a
    text, which no mapping takes for a list.
    """
    lists: dict[str, dict[int, dict[str, Any]]] = {}
    kept: dict[str, Any] = {}
    odd: set[str] = set()
    for key, value in node.items():
        match = pattern.fullmatch(key)
        if match is None:
            kept[key] = value
        elif value not in (None, ""):
            name, written = match["list"], match["number"] or "1"
            number = int(written) if len(written) <= _MOST_DIGITS else 0
            line = lists.setdefault(name, {}).setdefault(number, {})
            if name in node or match["key"] in line or not 1 <= number <= MAX_ITEMS:
                odd.add(name)
            line[match["key"]] = value
    gathered = {
        name: _NO_LIST if name in odd else [items[number] for number in sorted(items)]
        for name, items in lists.items()
    }
    return {**kept, **gathered}
