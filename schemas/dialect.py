"""Dialects: how a family of source systems writes a dossier, as one declared mapping file each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.contract import Contract
from schemas.core.dossiers import Dossiers
from schemas.facts import old_columns
from schemas.registry import FOLDED

FOLDER = Path(__file__).parent / "dialects"
COMPANIONS = ("from_date", "to_date")
"""Attributes of an item that no dataset has: they date the fact."""
PARSERS = frozenset(
    {
        *(
            "text",
            "upper",
            "code",
            "digits",
            "personal_id",
            "id_number",
            "name",
            "map",
            "integer",
            "decimal",
        ),
        *(
            "date",
            "date_precision",
            "local_instant",
            "instant",
            "local_midnight",
            "procedure",
            "commune",
        ),
        *("serial", "tax_code", "boolean", "parcel_scheme"),
    }
)
"""Names that ``jobs.transforms.parsers`` implements."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where a canonical value is found and how it is read."""

    path: str
    parser: str
    values: Mapping[str, str]
    """Code list of the parser ``map``: sent → canonical."""
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """A part of a form: where its items are and how each is read."""

    path: str
    dataset: type[Contract]
    fields: Mapping[str, Mapped]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One declared mapping."""

    name: str
    header: Mapping[str, Mapped]
    groups: Mapping[str, Group]
    transport: tuple[str, ...]
    """Keys of a record that belong to its delivery and not to its content."""
    is_baseline: bool
    """Whether its records are a register's state on a day, and not dossiers; said here and nowhere else."""


class DialectError(ValueError):
    """A mapping file that cannot be used, with its place and the remedy."""


@cache
def load(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        DialectError: The file is missing or something in it is wrong.
    """
    stated = _read_file(name)
    lender = stated.get("dialect", {}).get("items_of")
    return read(name, {**stated, "items": _read_file(lender).get("items", {})} if lender else stated)


def names() -> list[str]:
    """Names of the dialects that have a file."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def _read_file(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.toml"
    if not path.exists():
        known = ", ".join(names())
        raise DialectError(f"dialect {name!r}: {path.name} does not exist. Remedy: use one of {known}.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DialectError(f"{path.name}: {error}. Remedy: correct the TOML.") from error


def read(name: str, stated: Mapping[str, Any]) -> Dialect:
    """A dialect from the content of its file.

    Raises:
        DialectError: Something in it is wrong.
    """
    header = _fields(name, "header", stated.get("header", {}), set(Dossiers.names()))
    items = stated.get("items", {})
    datasets = {contract.dataset("core").removeprefix("core."): contract for contract in FOLDED}
    groups = {}
    for group, entry in stated.get("groups", {}).items():
        item = items.get(entry.get("item"))
        if item is None or "path" not in entry:
            raise DialectError(f"{name}.toml: [groups] {group}: name an [items.…] table and a path.")
        contract = datasets.get(item.get("dataset", ""))
        if contract is None:
            raise DialectError(
                f"{name}.toml: [items.{entry['item']}]: dataset must be one of {sorted(datasets)}."
            )
        known = {*contract.names(), *old_columns(contract), *COMPANIONS}
        fields = {key: value for key, value in item.items() if key != "dataset"}
        groups[group] = Group(entry["path"], contract, _fields(name, f"items.{entry['item']}", fields, known))
    if not header or not groups:
        raise DialectError(f"{name}.toml: [header] and [groups] are needed.")
    about = stated.get("dialect", {})
    is_baseline = about.get("is_baseline", False)
    if not isinstance(is_baseline, bool):
        raise DialectError(f"{name}.toml: [dialect] is_baseline: say true or false.")
    return Dialect(name, header, groups, tuple(about.get("transport", ())), is_baseline)


def _fields(name: str, table: str, stated: Mapping[str, Any], known: set[str]) -> dict[str, Mapped]:
    found = {}
    for canonical, entry in stated.items():
        place = f"{name}.toml: [{table}] {canonical}"
        if canonical not in known:
            raise DialectError(f"{place}: no such canonical field. Remedy: use one of {sorted(known)}.")
        if not isinstance(entry, dict) or "path" not in entry or "parser" not in entry:
            raise DialectError(f"{place}: give a path and a parser.")
        if entry["parser"] not in PARSERS:
            raise DialectError(
                f"{place}: unknown parser {entry['parser']!r}. Remedy: use one of {sorted(PARSERS)}."
            )
        if (entry["parser"] == "map") != ("values" in entry):
            raise DialectError(f"{place}: the parser map, and no other, has values.")
        found[canonical] = Mapped(
            entry["path"], entry["parser"], entry.get("values", {}), entry.get("note", "")
        )
    return found
