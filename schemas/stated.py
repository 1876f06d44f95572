"""What a mapping file may state: names that it has beside these would be passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from schemas.core.landed import UNTOLD
from schemas.forms import FORMS, MESSAGE
from schemas.reading import DialectError

TABLES = ("dialect", "layout", "interface", "table", "shape", "header", "items", "groups")
_ABOUT = ("rows", "file_form", "is_baseline", "items_of")
_SHAPE = ("path", "form", "pattern")
_GROUP = ("item", "path")
_IN_QUOTES = {"rows", "items_of", "item", "path", "form", "pattern", "parser", "part", "note"}
"""Keys whose values are texts."""
_FILE_FORMS = (*FORMS, MESSAGE)


def require_known(name: str, stated: Mapping[str, Any]) -> None:
    """Refuses a mapping file with a name that it may not have.

    A mapping that a batch has kept is not asked: it is read as it was then.

    Args:
        name: Of the dialect.
        stated: The content of its own file.

    Raises:
        DialectError: The first fault, with its place and the remedy.
    """
    for fault in chain.from_iterable(look(stated) for look in _LOOKS):
        raise DialectError(f"{name}.toml: {fault}")


def _tables(stated: Mapping[str, Any]) -> Iterator[str]:
    for table, content in stated.items():
        if table not in TABLES:
            yield f"[{table}]: no such table. Remedy: use one of {sorted(TABLES)}."
        elif not isinstance(content, list if table == "shape" else dict):
            yield f"{table}: no table. Remedy: write {'[[shape]]' if table == 'shape' else f'[{table}]'}."


def _keys(stated: Mapping[str, Any]) -> Iterator[str]:
    parts: list[tuple[str, Any, tuple[str, ...]]] = [("[dialect]", stated.get("dialect", {}), _ABOUT)]
    parts += [(f"[[shape]] {place}", one, _SHAPE) for place, one in enumerate(stated.get("shape", ()), 1)]
    parts += [(f"[groups] {group}", one, _GROUP) for group, one in stated.get("groups", {}).items()]
    for place, entry, known in parts:
        if not isinstance(entry, dict):
            yield f"{place}: no table. Remedy: give it the keys {list(known)}."
        elif unknown := sorted(entry.keys() - {*known}):
            yield f"{place}: no such key {unknown[0]!r}. Remedy: use one of {sorted(known)}."
        else:
            yield from (f"{place}: {fault}" for fault in _faults_of(entry))


def _items(stated: Mapping[str, Any]) -> Iterator[str]:
    for item, content in stated.get("items", {}).items():
        if not isinstance(content, dict):
            yield f"items.{item}: no table. Remedy: write [items.{item}]."
        elif not isinstance(content.get("dataset", ""), str):
            yield f"[items.{item}] dataset: no text. Remedy: write it in quotes."


def _readings(stated: Mapping[str, Any]) -> Iterator[str]:
    tables = [("header", stated.get("header", {}))]
    tables += [(f"items.{item}", content) for item, content in stated.get("items", {}).items()]
    for table, content in tables:
        for key in content.keys() - {"dataset"}:
            entry = content[key]
            for one in entry if isinstance(entry, list) and entry else [entry]:
                if not isinstance(one, dict):
                    yield f"[{table}] {key}: no reading. Remedy: give a path and a parser."
                else:
                    yield from (f"[{table}] {key}: {fault}" for fault in _faults_of(one))


def _faults_of(entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the texts, the path and the code list of an entry, in whatever table it is."""
    for key in sorted(_IN_QUOTES & entry.keys()):
        if not isinstance(entry[key], str):
            yield f"{key}: no text. Remedy: write it in quotes."
    if not _is_path(entry):
        yield f"path: {entry['path']!r} is no place. Remedy: join keys with points, with [] after a list's."
    values = entry.get("values", {"": ""})
    if not isinstance(values, dict) or not values or not all(isinstance(one, str) for one in values.values()):
        yield 'values: no code list. Remedy: write { "sent" = "meant" }, both in quotes.'


def _is_path(entry: Mapping[str, Any]) -> bool:
    """Whether every step of a path has a key; only what is shaped may be the record itself."""
    path = entry.get("path")
    if not isinstance(path, str) or (path == "" and "form" in entry):
        return True
    return all(step.removesuffix("[]") for step in path.split("."))


def _values(stated: Mapping[str, Any]) -> Iterator[str]:
    about = stated.get("dialect", {})
    if about.get("file_form", MESSAGE) not in _FILE_FORMS:
        yield f"[dialect] file_form: no such format. Remedy: use one of {sorted(_FILE_FORMS)}."
    if "items_of" in about and "items" in stated:
        yield "[items]: they are those of another dialect. Remedy: state items_of or [items], not both."
    for column in sorted(stated.get("header", {}).keys() & UNTOLD):
        yield f"[header] {column}: no sender tells it. Remedy: leave it out."


_LOOKS = (_tables, _keys, _items, _readings, _values)
"""In this order: each takes for granted what the one before it has looked at."""
