"""Dialects: how a family of source systems writes dossiers or documents, a declared mapping file each."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from schemas import layout as layouts
from schemas import types as t
from schemas.contract import Contract, DomainType
from schemas.core.dossiers import Dossiers
from schemas.facts import old_columns
from schemas.fitting import fault_of_group, faults_of
from schemas.layout import Layout
from schemas.reading import DialectError, Readings, compiled, fields_of
from schemas.registry import FOLDED, ROWS
from schemas.stated import require_known

FOLDER = Path(__file__).parent / "dialects"
COMPANIONS = ("from_date", "to_date")
"""Attributes of an item that no dataset has: they date the fact."""


Texts = Mapping[str, str]
"""Content of a mapping file, and of the one that lends it its items, by name of the dialect."""


@dataclass(frozen=True, slots=True)
class Group:
    """A part of a form: where its items are and how each is read."""

    path: str
    dataset: type[Contract]
    fields: Mapping[str, Readings]


@dataclass(frozen=True, slots=True)
class Shaping:
    """A text of a record that is a document of its own, or keys that are numbered: read into objects."""

    path: str
    """Where it is; empty for the record itself."""
    form: str
    """One of ``SHAPES``."""
    pattern: str | None
    """Of numbered keys: a regular expression with the groups ``list``, ``number`` and ``key``."""


SHAPES = ("json", "xml_items", "numbered")
"""JSON in a text; XML of ``<item id="…"><value>…</value></item>``, as e-forms keep it; keys such as
``TS2_DienTich``, which stand for the second item of a list."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One declared mapping."""

    name: str
    header: Mapping[str, Readings]
    shapings: tuple[Shaping, ...]
    """What is done to a record, in order, before its paths are looked up."""
    groups: Mapping[str, Group]
    layout: Layout
    """Where a page's items are, and what of an item is its delivery's."""
    interface: Mapping[str, Any]
    """How such systems are asked over HTTP, as ``jobs.sources.interface`` reads it."""
    select: str | None
    """The query that such a system's database is asked, its columns named as the paths name them; None where
    the mapping states no ``[table]``."""
    is_baseline: bool
    """Whether its records are a register's state on a day, and not dossiers; said here and nowhere else."""
    rows: type[Contract] = Dossiers
    """The dataset that its records are rows of."""
    file_form: str | None = None
    """Format of every file of it (``schemas.forms``), whatever its name; by the name's ending where None."""
    texts: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Its file and the one that lends it its items, by name of the dialect; empty where it has none."""


@cache
def load(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        DialectError: The file is missing or something in it is wrong.
    """
    require_known(name, _parsed(name, _text(name)))
    stated = texts(name)
    for lender in stated.keys() - {name}:
        require_known(lender, _parsed(lender, stated[lender]))
    found = of_texts(name, stated)
    _require_fitting(found)
    return found


def _require_fitting(found: Dialect) -> None:
    """Refuses readings and groups that do not fit what they fill; a mapping that was kept is not asked."""
    stated = _merged(found.name, found.texts)
    lender = stated.get("dialect", {}).get("items_of", found.name)
    parts = [(f"{found.name}.toml: [header]", header_domains(found.rows), found.header)]
    for name, group in found.groups.items():
        if (wrong := fault_of_group(name, group.dataset)) is not None:
            raise DialectError(f"{found.name}.toml: [groups] {name}: {wrong}")
        place = f"{lender}.toml: [items.{stated['groups'][name]['item']}]"
        parts.append((place, item_domains(group.dataset), group.fields))
    for place, domains, fields in parts:
        for fault in faults_of(domains, fields):
            raise DialectError(f"{place} {fault}")


def texts(name: str) -> dict[str, str]:
    """What a dialect is read from.

    Raises:
        DialectError: A file is missing or no TOML.
    """
    own = _text(name)
    lender = _parsed(name, own).get("dialect", {}).get("items_of")
    return {name: own} | ({lender: _text(lender)} if lender else {})


def of_texts(name: str, stated: Texts) -> Dialect:
    """The dialect that some texts state.

    Raises:
        DialectError: Something in them is wrong.
    """
    return replace(read(name, _merged(name, stated)), texts=dict(stated))


def digest(name: str, stated: Texts) -> str:
    """SHA-256 of what some texts state under a name, whatever their comments and spaces."""
    told = json.dumps([name, _merged(name, stated)], ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _merged(name: str, stated: Texts) -> dict[str, Any]:
    own = _parsed(name, stated[name])
    lender = own.get("dialect", {}).get("items_of")
    return {**own, "items": _parsed(lender, stated[lender]).get("items", {})} if lender else own


def names() -> list[str]:
    """Names of the dialects that have a file."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def _text(name: str) -> str:
    path = FOLDER / f"{name}.toml"
    if not path.exists():
        known = ", ".join(names())
        raise DialectError(f"dialect {name!r}: {path.name} does not exist. Remedy: use one of {known}.")
    return path.read_text(encoding="utf-8")


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DialectError(f"{name}.toml: {error}. Remedy: correct the TOML.") from error


def read(name: str, stated: Mapping[str, Any]) -> Dialect:
    """A dialect from the content of its file.

    Raises:
        DialectError: Something in it is wrong.
    """
    about = stated.get("dialect", {})
    rows = _rows(name, about)
    header = fields_of(name, "header", stated.get("header", {}), header_domains(rows))
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
        known = item_domains(contract)
        fields = {key: value for key, value in item.items() if key != "dataset"}
        groups[group] = Group(
            entry["path"], contract, fields_of(name, f"items.{entry['item']}", fields, known)
        )
    if not header or (rows is Dossiers) != bool(groups):
        raise DialectError(f"{name}.toml: [header] is needed, and [groups] for dossiers alone.")
    is_baseline = about.get("is_baseline", False)
    if not isinstance(is_baseline, bool):
        raise DialectError(f"{name}.toml: [dialect] is_baseline: say true or false.")
    layout, interface = _layout(name, stated.get("layout", {})), stated.get("interface", {})
    shapings = _shapings(name, stated.get("shape", []))
    form = about.get("file_form")
    select = _select(name, stated.get("table", {}))
    return Dialect(name, header, shapings, groups, layout, interface, select, is_baseline, rows, form)


def header_domains(rows: type[Contract]) -> dict[str, DomainType]:
    """What a header may tell, with the domains."""
    return {field.name: field.domain for field in rows.fields}


def item_domains(contract: type[Contract]) -> dict[str, DomainType]:
    """What an item of a dataset may tell, with the domains: attributes, old values, what dates it."""
    own = header_domains(contract)
    old = {name: own[name.removeprefix("old_")] for name in old_columns(contract)}
    return own | old | dict.fromkeys(COMPANIONS, t.Date)


def _rows(name: str, about: Mapping[str, Any]) -> type[Contract]:
    """The dataset of a dialect's records; dossiers where it names none."""
    known = {contract.info.noun: contract for contract in ROWS}
    noun = about.get("rows", Dossiers.info.noun)
    if noun not in known:
        raise DialectError(f"{name}.toml: [dialect] rows must be one of {sorted(known)}.")
    return known[noun]


def _select(name: str, stated: Mapping[str, Any]) -> str | None:
    """The query of ``[table]``: one, that only reads; what it may read the server decides."""
    if not stated:
        return None
    if unknown := sorted(set(stated) - {"select"}):
        raise DialectError(_at(name, unknown[0], "no such key. Remedy: [table] has select alone."))
    select = stated["select"]
    if not isinstance(select, str) or re.match(r"\s*(select|with)\b", select, re.IGNORECASE) is None:
        raise DialectError(_at(name, "select", "no query. Remedy: give a text that begins with select."))
    bare = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"", "", select)
    if ";" in bare or "--" in bare or "/*" in bare or "`" in bare:
        raise DialectError(
            _at(
                name,
                "select",
                "more than a query. Remedy: write one query without semicolon or comment;"
                " quote identifiers with double quotes, which every server understands.",
            )
        )
    return select.strip()


def select_of(dialect: Dialect) -> str:
    """The query that a dialect's database is asked.

    Raises:
        DialectError: Its mapping file states none.
    """
    if dialect.select is None:
        raise DialectError(
            f"{dialect.name}.toml: there is no [table]. Remedy: state select, as CONTRIBUTING shows it for a"
            " new dialect."
        )
    return dialect.select


def _at(name: str, key: str, fault: str) -> str:
    """A fault of ``[table]`` with its place: the line, where the file has the key there."""
    path = FOLDER / f"{name}.toml"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    begun = next((number for number, line in enumerate(lines) if line.strip() == "[table]"), len(lines))
    found = [n for n, line in enumerate(lines[begun:], begun + 1) if re.match(rf"{re.escape(key)}\s*=", line)]
    return f"{name}.toml: [table] {key}{f' (line {found[0]})' if found else ''}: {fault}"


def _layout(name: str, stated: Mapping[str, Any]) -> Layout:
    for fault in layouts.faults_of(stated, layouts.STATED):
        raise DialectError(f"{name}.toml: [layout] {fault}")
    return Layout.of(stated)


def _shapings(name: str, stated: Sequence[Mapping[str, Any]]) -> tuple[Shaping, ...]:
    found = []
    for number, entry in enumerate(stated, 1):
        place = f"{name}.toml: [[shape]] {number}"
        if not isinstance(entry.get("path"), str) or entry.get("form") not in SHAPES:
            raise DialectError(f"{place}: give a path and a form, one of {', '.join(SHAPES)}.")
        pattern = entry.get("pattern")
        if (entry["form"] == "numbered") != (pattern is not None):
            raise DialectError(f"{place}: the form numbered, and no other, has a pattern.")
        if pattern is not None and {*compiled(place, pattern).groupindex} != {"list", "number", "key"}:
            raise DialectError(f"{place}: the pattern names the groups list, number and key.")
        found.append(Shaping(entry["path"], entry["form"], pattern))
    return tuple(found)
