"""Texts of a record at the places that a mapping names: what was sent there, before anyone reads it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.landing.decoding import NamedTwice, Written, canonical_json, decoded, written_anew

Item = Mapping[str, Any]
Record = Mapping[str, Any]
_INVISIBLE = "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]"
_WHITE = "\t\n\x0b\f\r\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space beside the plain space."""
_NOTHING = re.compile(f"(?:{_INVISIBLE}|[ {_WHITE}])*")
_UNCLEAN = f"{_INVISIBLE}|[{_WHITE}]|^ |  | $|^$"


def composed(record: Record, *parts: str) -> Record:
    """The record with its keys in Unicode's composed form (NFC), in which mappings name them.

    Args:
        record: As decoded.
        parts: Canonical JSON of all of it: what is written with escapes tells nothing of the form.

    Raises:
        NamedTwice: Two keys of an object are one in that form.
    """
    if all(part.isascii() or unicodedata.is_normalized("NFC", part) for part in parts):
        return record
    return dict(_composed(record))


def _composed(node: Any) -> Any:
    if isinstance(node, dict):
        found = {unicodedata.normalize("NFC", key): _composed(value) for key, value in node.items()}
        if len(found) < len(node):
            raise NamedTwice("two keys are one in NFC")
        return found
    return [_composed(one) for one in node] if isinstance(node, list) else node


class Places:
    """What is at the paths of records; a part of a path that several share is gone once."""

    def __init__(self, records: Sequence[Record | None]) -> None:
        """Of records as decoded; there is nothing at any path of one that is None."""
        self.is_misshapen = [False] * len(records)
        """Of each record, whether something had another shape than a path that was asked for says."""
        self._known: dict[str, list[Any]] = {"": list(records)}
        self._is_of_objects: dict[str, bool] = {}
        """By path, whether all nodes there are objects."""

    def at(self, path: str) -> list[Any]:
        """What is at a path in each record, None where there is nothing.

        Keys are joined by points; ``name[]`` takes the first item of a list.
        """
        if path not in self._known:
            before, _, step = path.rpartition(".")
            found = self._of_key(before, step.removesuffix("[]"))
            if step.endswith("[]"):
                found = [
                    next(iter(node), None) if type(node) is list else self._none_of(place, node)
                    for place, node in enumerate(found)
                ]
            self._known[path] = found
        return self._known[path]

    def _of_key(self, path: str, key: str) -> list[Any]:
        """What nodes have under a key; the type of each is asked only where some are no objects."""
        nodes = self.at(path)
        if path not in self._is_of_objects:
            self._is_of_objects[path] = _are_objects(nodes)
        if self._is_of_objects[path]:
            return [node.get(key) for node in nodes]
        return [
            node.get(key) if type(node) is dict else self._none_of(place, node)
            for place, node in enumerate(nodes)
        ]

    def mark(self, is_misshapen: Sequence[bool]) -> None:
        """Marks records of which a part had another shape, seen elsewhere."""
        if any(is_misshapen):
            pairs = zip(self.is_misshapen, is_misshapen, strict=True)
            self.is_misshapen = [own or part for own, part in pairs]

    def _none_of(self, place: int, node: Any) -> Any:
        self.is_misshapen[place] |= node is not None
        return None


def _are_objects(nodes: Iterable[Any]) -> bool:
    """Whether all are objects: one look at their types is quicker than asking each."""
    return {*map(type, nodes)} <= {dict}


def text_of(value: Any) -> str | None:
    """A value as the text that it was sent as, in NFC; an object or a list as canonical JSON."""
    match value:
        case None:
            return None
        case str():
            return value if value.isascii() else unicodedata.normalize("NFC", value)
        case bool():
            return "true" if value else "false"
        case Written():
            return value.text
        case int() | float():
            return str(value)
        case dict() | list():
            return text_of(canonical_json(value))
        case _:
            return str(value)


def clean(texts: pa.Array) -> pa.Array:
    """Texts without surrounding or doubled white space and invisible characters; NULL when nothing is left.

    Nearly all texts of a column are clean, and one look tells; Arrow's looks cost a twentieth of Spark's.
    """
    is_unclean = pc.fill_null(pc.match_substring_regex(texts, pattern=_UNCLEAN), fill_value=False)
    if not pc.any(is_unclean).as_py():
        return texts
    visible = pc.replace_substring_regex(texts.filter(is_unclean), pattern=_INVISIBLE, replacement="")
    single = pc.replace_substring_regex(visible, pattern=f"[ {_WHITE}]+", replacement=" ")
    left = pc.utf8_trim(single, characters=" ")
    kept = pc.if_else(pc.equal(left, ""), pa.scalar(None, pa.string()), left)
    return pc.replace_with_mask(texts, is_unclean, kept)


def cleaned(value: Any) -> str | None:
    """The clean text of one value."""
    found: str | None = clean(pa.array([text_of(value)], pa.string()))[0].as_py()
    return found


def is_something(value: Any) -> bool:
    """Whether there is anything: of a text, whether ``clean`` leaves something of it."""
    return value is not None and not (isinstance(value, str) and _NOTHING.fullmatch(value))


def items_of(value: Any) -> list[Item] | None:
    """A group's items: of a list, of a lone object, or of either as JSON in a text.

    Returns:
        None where it is none of these, or where something else than objects is among them; an item that
        is null has no values.
    """
    if isinstance(value, str):
        value = document(value, None)
    items = [value] if isinstance(value, dict) else value
    if isinstance(items, list) and _are_objects(items):
        return items
    if not isinstance(items, list) or not all(one is None or isinstance(one, dict) for one in items):
        return None
    return [one or {} for one in items]


def document(text: str, otherwise: Any) -> Any:
    """The value of JSON in a text; something else where it is none, or one that no row may have."""
    try:
        found = decoded(text.strip().encode(), is_page=False)
        written_anew(found).encode()  # Raises for what no row may have.
    except (ValueError, TypeError, RecursionError):
        return otherwise
    return found
