"""Whether a mapping fits what it fills: parsers and code lists the fields, groups what effects read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from schemas.contract import Contract, DomainType, Kind
from schemas.procedures import PROCEDURES
from schemas.reading import KINDS, Reading, Readings

DATASETS = {effect.group: effect.dataset for procedure in PROCEDURES for effect in procedure.effects}
"""Parts of a form that an effect reads, with the dataset of their items."""
_WRITTEN = {
    Kind.TEXT: re.compile(r"(?s).*"),
    Kind.INTEGER: re.compile(r"-?[0-9]{1,18}"),
    Kind.DECIMAL: re.compile(r"[0-9]{1,12}(\.[0-9]+)?"),
    Kind.BOOLEAN: re.compile(r"true|false"),
    Kind.DATE: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    Kind.INSTANT: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
}
"""How a code list writes what it means, by the field's kind."""
_READ_ALIKE = re.compile(
    r"""(?x: \\[^0-9A-Za-z\s]                                      # a sign that is meant as itself
        | \[ \^? (?: \\[^0-9A-Za-z\s] | &(?!&) | [^\\\[\]&] )+ \]  # a class
        | \( (?: \?[:=!] | \?<[=!] | (?!\?) )                      # what is looked for, or looked at
        | \{ [0-9]+ (?:,[0-9]*)? \}
        | [^\\\[\]{}(]
        )*"""
)
"""Patterns that Java, which finds a part, reads as Python does, which checks the file."""


def fault_of_group(group: str, dataset: type[Contract]) -> str | None:
    """What is wrong with a part of a form: no effect reads it, or reads items of another dataset."""
    wanted = DATASETS.get(group)
    if wanted is None:
        return f"no effect reads it. Remedy: use one of {sorted(DATASETS)}."
    if wanted is not dataset:
        return (
            f"its items are {dataset.info.noun}, and effects read {wanted.info.noun} there."
            f" Remedy: name an [items.…] table of {wanted.info.noun}."
        )
    return None


def faults_of(domains: Mapping[str, DomainType], fields: Mapping[str, Readings]) -> Iterator[str]:
    """What is wrong with the readings of a table: the key, and the remedy.

    Args:
        domains: What each field may hold.
        fields: How each is read.
    """
    for name, readings in fields.items():
        for one in readings:
            if (fault := _fault_of(one, domains[name])) is not None:
                yield f"{name}: {fault}"


def _fault_of(one: Reading, domain: DomainType) -> str | None:
    if one.part is not None and _READ_ALIKE.fullmatch(one.part) is None:
        return (
            f"part: {one.part!r} is not read alike by Python and Java. Remedy: use plain groups, classes such"
            " as [0-9], and a backslash before signs alone."
        )
    if one.parser != "map":
        return _fault_of_parser(one.parser, domain)
    wrong = sorted(meant for meant in one.values.values() if meant and not _is_of(meant, domain))
    if not wrong:
        return None
    known = (
        f"use one of {sorted(domain.values)}"
        if domain.values
        else f"write {domain.kind} as {domain.samples[0]!r}"
    )
    return f"values: {wrong[0]!r} is no {domain.name}. Remedy: {known}, or an empty text for none."


def _fault_of_parser(parser: str, domain: DomainType) -> str | None:
    if KINDS[parser] is domain.kind:
        return None
    fitting = sorted({"map"} | {name for name, kind in KINDS.items() if kind is domain.kind})
    return (
        f"parser: {parser!r} gives {KINDS[parser]}, and the field is {domain.kind}."
        f" Remedy: use one of {fitting}."
    )


def _is_of(meant: str, domain: DomainType) -> bool:
    is_written = _WRITTEN[domain.kind].fullmatch(meant) is not None
    return is_written and (domain.values is None or meant in domain.values)
