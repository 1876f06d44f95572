"""Documents inside a record's texts, and numbered keys, as objects and lists that a mapping can name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from jobs.landing.decoding import canonical_json, decoded
from schemas.dialect import Shaping

MAX_ITEMS = 1_000
"""Of a numbered list: no form has as many lines."""


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
    return _xml_items(node) if shaping.form == "xml_items" else _json(node)


def _keys(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}


def _json(text: str) -> Any:
    try:
        found = decoded(text.encode(), is_page=False)
        canonical_json(found)  # Raises for what no record may hold.
    except (ValueError, TypeError, RecursionError):
        return text
    return found


def _xml_items(text: str) -> Any:
    """Values by the id of their items; the text where it is no such document, or names an id twice."""
    if not text.strip():
        return None
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return text
    found: dict[str, Any] = {}
    for item in root.iter("item"):
        name, value = item.get("id"), item.find("value")
        if name is None or name in found:
            return text
        found[name] = None if value is None else "".join(value.itertext())
    return found


def _gathered(node: Mapping[str, Any], pattern: re.Pattern[str]) -> dict[str, Any]:
    """The object with a list of objects in place of each set of numbered keys."""
    lists: dict[str, dict[int, dict[str, Any]]] = {}
    kept: dict[str, Any] = {}
    for key, value in node.items():
        match = pattern.fullmatch(key)
        number = int(match["number"] or 1) if match else 0
        if match is None or not 1 <= number <= MAX_ITEMS or match["list"] in node:
            kept[key] = value
        elif value not in (None, ""):
            lists.setdefault(match["list"], {}).setdefault(number, {})[match["key"]] = value
    gathered = {name: [items[number] for number in sorted(items)] for name, items in lists.items()}
    return {**kept, **gathered}
