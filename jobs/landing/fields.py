"""Which fields records have: names, types and in how many records; of values only unknown short codes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from expectations.thresholds import LEAST_ROWS
from jobs.landing.decoding import Number
from schemas.contract import Contract
from schemas.dialect import Dialect
from schemas.reading import ANYTHING, Reading, Readings

LEAST_CODES = 5
"""Times that an unknown code must occur before it is named: what fewer rows have may be a value."""
OTHER = "?"
"""Stands for a name or a code that may be a value."""
_NAME = re.compile(r"[^\W\d][\w-]{0,39}")
_DIGITS = re.compile(r"[0-9]{6}")
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,12}")
_LONG_NUMBER = re.compile(r"[0-9]{5}")
_MOST_KINDS = 5_000
"""Different records that are counted before they are summed up."""
_MOST_PATHS = 2_000
_MOST_CODES = 200
_NESTS = (dict, list)
_NUMBERS = (bool, int, float, Number)
_KINDS = {
    None: "empty",
    bool: "boolean",
    int: "number",
    float: "number",
    Number: "number",
    Decimal: "number",
}
_WITH_LISTS = frozenset({"text", "upper", "code"})
"""Parsers that leave a code as it is: the list is then that of the field's type."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a code is, and which ones are known there; None where any text is taken."""

    steps: tuple[str, ...]
    step: str | None
    """The only one, where there is but one."""
    known: Mapping[str, str] | None
    settled: frozenset[str]
    """Texts that give a value as they are."""
    part: re.Pattern[str] | None
    is_upper: bool


_Coded = list[tuple[str, list[_Place]]]
"""Fields of which every code is in a list, with the places where they may be."""


class Fields:
    """Counts of what records of a dialect have."""

    def __init__(self, dialect: Dialect) -> None:
        """Nothing is counted yet."""
        self._names = names_of(dialect)
        self._lists = {group.path for group in dialect.groups.values()}
        self._header = _coded(dialect.rows, dialect.header)
        self._groups: dict[tuple[str, ...], dict[str, list[tuple[str, _Coded]]]] = {}
        """By the object that groups hang on and the key of each there: its name and its coded fields."""
        for name, group in dialect.groups.items():
            *above, key = group.path.split(".")
            hanging = self._groups.setdefault(tuple(above), {})
            hanging.setdefault(key, []).append((name, _coded(group.dataset, group.fields)))
        self._clear()

    def _clear(self) -> None:
        self._rows = 0
        self._alike: Counter[Any] = Counter()
        self._paths: Counter[str] = Counter()
        self._codes: Counter[str] = Counter()

    def see(self, record: Mapping[str, Any]) -> None:
        """Counts a record, its documents read."""
        self._rows += 1
        self._alike[_signature(record)] += 1
        if len(self._alike) > _MOST_KINDS:
            self._sum_up()
        for label, places in self._header:
            self._note(label, record, places)
        for above, hanging in self._groups.items():
            node = _at(record, above)
            for key in node.keys() & hanging.keys() if isinstance(node, dict) else ():
                for group, coded in hanging[key]:
                    self._see_items(group, coded, node[key])

    def _see_items(self, group: str, coded: _Coded, items: Any) -> None:
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, dict):
                for label, places in coded:
                    self._note(f"{group}.{label}", item, places)

    def told(self) -> str | None:
        """What was counted since the last time, as JSON; None where that is nothing."""
        if not self._rows:
            return None
        self._sum_up()
        told = {"rows": self._rows, "paths": dict(self._paths), "codes": dict(self._codes)}
        self._clear()
        return json.dumps(told)

    def _sum_up(self) -> None:
        for signature, rows in self._alike.items():
            for path in {*self._expanded(signature, "")}:
                if path in self._paths or len(self._paths) < _MOST_PATHS:
                    self._paths[path] += rows
        self._alike.clear()

    def _expanded(self, node: Any, path: str) -> Iterator[str]:
        """Paths with their types; a lone object where a group belongs counts as its only item."""
        if isinstance(node, frozenset):
            yield f"{path}:{'list' if node else 'empty'}"
            for item in node:
                yield from self._expanded(item, f"{path}[]")
        elif isinstance(node, tuple):
            names, kinds = node
            if path in self._lists:
                yield f"{path}:list"
                path = f"{path}[]"
            if path:
                yield f"{path}:{'object' if names else 'empty'}"
            for name, kind in zip(names, kinds, strict=True):
                yield from self._expanded(kind, f"{path}.{self._shown(name)}" if path else self._shown(name))
        else:
            yield f"{path}:{_KINDS.get(node, 'text')}"

    def _shown(self, name: str) -> str:
        """The name of a field; a key that may be a value is not told."""
        is_plain = _NAME.fullmatch(name) is not None and _DIGITS.search(name) is None
        return name if name in self._names or is_plain else OTHER

    def _note(self, label: str, node: Mapping[str, Any], places: Sequence[_Place]) -> None:
        """Counts the code at the first place that has one, if its list does not have it."""
        for place in places:
            value = node.get(place.step) if place.step else _at(node, place.steps)
            if value is None or value == "":
                continue
            if place.known is None or (value.__class__ is str and value in place.settled):
                return
            code = _code(value, place)
            if code not in place.known:
                name = f"{label}={code if _is_code(code) else OTHER}"
                is_new = name not in self._codes and len(self._codes) >= _MOST_CODES
                self._codes[f"{label}={OTHER}" if is_new else name] += 1
                return
            if place.known[code]:
                return


def _signature(node: Any) -> Any:
    """The same for records with the same names and types."""
    if node.__class__ is dict:  # Nearly all values are texts, which need no call.
        kinds = [str if value.__class__ is str and value else _kind(value) for value in node.values()]
        return tuple(node), tuple(kinds)
    return frozenset([_kind(value) for value in node])


def _kind(value: Any) -> Any:
    kind = value.__class__
    if kind in _NESTS:
        return _signature(value)
    return kind if value or kind in _NUMBERS else None


def _at(node: Any, steps: Sequence[str]) -> Any:
    """The value at a path; of a list its first item."""
    for step in steps:
        if isinstance(node, list):
            node = node[0] if node else None
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _code(value: Any, place: _Place) -> str:
    text = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
    if place.part is not None:
        found = place.part.search(text)
        text = (found[1] or "") if found else ""
    return text.upper() if place.is_upper else text


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None and _LONG_NUMBER.search(text) is None


def _coded(contract: type[Contract], fields: Mapping[str, Readings]) -> _Coded:
    """The coded fields of a header or a group."""
    found = []
    for name, readings in fields.items():
        places = [_place(contract, name, one) for one in readings]
        if any(place.known is not None for place in places):
            found.append((name, places))
    return found


def _place(contract: type[Contract], name: str, one: Reading) -> _Place:
    steps = tuple(one.path.replace("[]", "").split("."))
    known: Mapping[str, str] | None = None
    if one.parser == "map":
        known = None if ANYTHING in one.values else one.values
    elif one.parser in _WITH_LISTS and name in contract.names():
        values = contract.field(name).domain.values
        known = None if values is None else dict(zip(values, values, strict=True))
    is_plain = known is not None and one.part is None
    settled = frozenset(sent for sent, meant in (known or {}).items() if meant) if is_plain else frozenset()
    step = steps[0] if len(steps) == 1 else None
    return _Place(
        steps, step, known, settled, re.compile(one.part) if one.part else None, one.parser == "upper"
    )


def names_of(dialect: Dialect) -> frozenset[str]:
    """Every name that a path of the mapping has."""
    paths = [one.path for readings in dialect.header.values() for one in readings]
    for group in dialect.groups.values():
        paths += [group.path, *(one.path for readings in group.fields.values() for one in readings)]
    return frozenset(step.removesuffix("[]") for path in paths for step in (path, *path.split(".")))


def summed(parts: Iterable[str], dialect: Dialect) -> dict[str, Any]:
    """The counts of some parts together; what few records have and no mapping names is left out.

    Args:
        parts: What ``Fields.told`` gave.
        dialect: That of the records.
    """
    rows, paths, codes = 0, Counter[str](), Counter[str]()
    for part in map(json.loads, parts):
        rows += part["rows"]
        paths.update(part["paths"])
        codes.update(part["codes"])
    known = names_of(dialect)
    return {
        "rows": rows,
        "paths": {
            path: number
            for path, number in sorted(paths.items())
            if number >= LEAST_ROWS or all(step in known for step in _steps(path))
        },
        "codes": _named_often(codes),
    }


def _steps(path: str) -> list[str]:
    return path.rpartition(":")[0].replace("[]", "").split(".")


def _named_often(codes: Mapping[str, int]) -> dict[str, int]:
    """Codes that occur often by their name, the others together."""
    found: Counter[str] = Counter()
    for name, number in codes.items():
        label = name.partition("=")[0]
        found[name if number >= LEAST_CODES else f"{label}={OTHER}"] += number
    return dict(sorted(found.items()))
