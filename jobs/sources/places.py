"""Where a mapping reads what, and how many records have something there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.dialect import Dialect
from schemas.later import COMES_WITH

Shape = Mapping[str, Any]
"""Counts of the records of a dialect: ``rows``, ``paths`` with their types, unknown ``codes``, as ``unread``
values that could not be read, by ``dataset.field:parse``, and as ``states`` dossiers by status."""


class Places:
    """Where a mapping reads what."""

    def __init__(self, dialect: Dialect) -> None:
        """Of a dialect."""
        self.dialect = dialect
        self.fields: dict[str, list[tuple[str, str]]] = {}
        """By path: canonical names, each with the noun of its dataset."""
        self.places: dict[tuple[str, str], list[str]] = {}
        """By canonical name: its paths."""
        self.forms: set[str] = set()
        """Groups and what they hang on: which of them a record has depends on its procedure."""
        for name, readings in dialect.header.items():
            for one in readings:
                self._add(one.path, name, dialect.rows.info.noun)
        for group in dialect.groups.values():
            self.forms |= {group.path, *above(group.path)}
            for name, readings in group.fields.items():
                for one in readings:
                    self._add(f"{group.path}[].{one.path}", name, group.dataset.info.noun)
        self.containers = {one for path in self.fields for one in above(path)} - set(self.fields)
        """Objects and lists that something is read in."""

    def _add(self, path: str, name: str, noun: str) -> None:
        self.fields.setdefault(path, []).append((name, noun))
        self.places.setdefault((noun, name), []).append(path)

    def names(self, path: str) -> str | None:
        """Canonical names of what is read at a path."""
        return ", ".join(sorted({name for name, _ in self.fields.get(path, ())})) or None

    def base(self, shape: Shape, path: str) -> int:
        """Records that could have a value at a path; of what comes with a status, those that have it.

        A morning brings new dossiers, which have nothing that comes later.
        """
        names = {name for name, _ in self.fields.get(path, ())}
        if names and names <= COMES_WITH.keys():
            return sum(shape["states"].get(status, 0) for name in names for status in COMES_WITH[name])
        return base_of(shape, path)

    def is_in_form(self, path: str) -> bool:
        """Whether it is a field of a group's items."""
        return any(one in self.forms for one in above(path))

    def is_read(self, path: str, mine: Shape) -> bool:
        """Whether everything that is read at a path has another place with values; forms are conform's."""
        if path in self.forms:
            return True
        read = self.fields.get(path) or [
            one for other, many in self.fields.items() if path in above(other) for one in many
        ]
        return all(any(values_at(mine, p) for p in self.places[noun, name]) for name, noun in read)


def above(path: str) -> set[str]:
    """What a path hangs on: objects and lists."""
    steps = path.split(".")
    return {".".join(steps[:n]).removesuffix("[]") for n in range(1, len(steps))}


def types_at(shape: Shape, path: str) -> dict[str, int]:
    """Of the values at a path: records by type; empty ones left out."""
    kinds = ("text", "number", "boolean", "object", "list")
    return {kind: shape["paths"][name] for kind in kinds if (name := f"{path}:{kind}") in shape["paths"]}


def values_at(shape: Shape, path: str) -> int:
    """Records that have a value at a path."""
    return sum(types_at(shape, path).values())


def base_of(shape: Shape, path: str) -> int:
    """Records that could have a value at a path: those that have the object or item that it is in."""
    owner = path.rpartition(".")[0]
    return int(shape["paths"].get(f"{owner}:object", 0) if owner else shape["rows"])


def unmapped(dialect: Dialect, shape: Shape) -> list[str]:
    """Fields that are sent and that no line of the mapping reads, in order; of an object its name alone."""
    known = Places(dialect)
    read = {*known.fields, *known.containers, *known.forms}
    found: set[str] = set()
    for path in sorted({name.rpartition(":")[0].removesuffix("[]") for name in shape["paths"]}):
        if path not in read and not above(path) & {*known.fields, *found}:
            found.add(path)
    return sorted(found)
