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
    for fault in chain.from_iterable(look(stated) for look in (_tables, _keys, _values)):
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


def _values(stated: Mapping[str, Any]) -> Iterator[str]:
    about = stated.get("dialect", {})
    if about.get("file_form", MESSAGE) not in _FILE_FORMS:
        yield f"[dialect] file_form: no such format. Remedy: use one of {sorted(_FILE_FORMS)}."
    if "items_of" in about and "items" in stated:
        yield "[items]: they are those of another dialect. Remedy: state items_of or [items], not both."
    for column in sorted(stated.get("header", {}).keys() & UNTOLD):
        yield f"[header] {column}: no sender tells it. Remedy: leave it out."
