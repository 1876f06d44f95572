"""How a canonical value is read from a record: places, parsers, code lists, as a mapping file states them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.contract import Kind

_PARSERS = {
    Kind.TEXT: """
        text upper code digits personal_id id_number id_kind name map date_precision
        procedure commune serial tax_code parcel_scheme
        """,
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.INSTANT: "instant local_instant local_time epoch_ms local_midnight",
}
KINDS: Mapping[str, Kind] = {name: kind for kind, names in _PARSERS.items() for name in names.split()}
"""What each parser gives; ``map`` gives a text of any kind."""
PARSERS = frozenset(KINDS)
"""Names that ``jobs.transforms.parsers`` implements."""
ANYTHING = "*"
"""In a code list: whatever else is sent."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A place of a record where a canonical value may be, and how it is read there."""

    path: str
    parser: str
    values: Mapping[str, str]
    """Code list of the parser ``map``: sent → canonical."""
    part: str | None
    """Regular expression of the parser ``map``: its first group is looked up, instead of the whole text."""
    note: str


Readings = tuple[Reading, ...]
"""Of one value: the first that has it gives it, and none may be unreadable."""


class DialectError(ValueError):
    """A mapping file that cannot be used, with its place and the remedy."""


def fields_of(
    name: str, table: str, stated: Mapping[str, Any], known: Collection[str]
) -> dict[str, Readings]:
    """The readings of a table's canonical fields; ``known`` are those that there are.

    Raises:
        DialectError: Something in the table is wrong.
    """
    found = {}
    for canonical, entry in stated.items():
        place = f"{name}.toml: [{table}] {canonical}"
        if canonical not in known:
            raise DialectError(f"{place}: no such canonical field. Remedy: use one of {sorted(known)}.")
        entries = entry if isinstance(entry, list) and entry else [entry]
        found[canonical] = tuple(_reading(place, one) for one in entries)
    return found


def _reading(place: str, entry: Any) -> Reading:
    if not isinstance(entry, dict) or "path" not in entry or "parser" not in entry:
        raise DialectError(f"{place}: give a path and a parser.")
    if unknown := sorted(set(entry) - {*Reading.__slots__}):
        raise DialectError(
            f"{place}: no such key {unknown[0]!r}. Remedy: use one of {sorted(Reading.__slots__)}."
        )
    if entry["parser"] not in PARSERS:
        raise DialectError(
            f"{place}: unknown parser {entry['parser']!r}. Remedy: use one of {sorted(PARSERS)}."
        )
    is_map = entry["parser"] == "map"
    if is_map != ("values" in entry):
        raise DialectError(f"{place}: the parser map, and no other, has values.")
    part = entry.get("part")
    if part is not None and not (is_map and compiled(place, part).groups == 1):
        raise DialectError(f"{place}: a part is a pattern with one group, for the parser map.")
    return Reading(entry["path"], entry["parser"], entry.get("values", {}), part, entry.get("note", ""))


def compiled(place: str, pattern: object) -> re.Pattern[str]:
    """A pattern of a mapping file.

    Raises:
        DialectError: It is no regular expression.
    """
    try:
        return re.compile(str(pattern))
    except re.error as error:
        raise DialectError(f"{place}: {pattern!r} is no regular expression ({error}).") from error
