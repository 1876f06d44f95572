"""Values from texts, for rows of several dialects at once: what they read alike is one expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.transforms import parsers
from schemas.contract import Contract, DomainType, Kind
from schemas.derive import spark as derive
from schemas.dialect import Dialect
from schemas.reading import KINDS, Reading, Readings


@dataclass(frozen=True, slots=True)
class Variant:
    """How a dialect writes the header, or the items of a group."""

    dialect: str
    group: str | None
    fields: Mapping[str, Readings]


def of_headers(dialects: Sequence[Dialect]) -> list[Variant]:
    """The headers of dialects."""
    return [Variant(dialect.name, None, dialect.header) for dialect in dialects]


def of_items(dialects: Sequence[Dialect], dataset: type[Contract]) -> list[Variant]:
    """The groups of dialects whose items are rows of a dataset."""
    return [
        Variant(dialect.name, name, group.fields)
        for dialect in dialects
        for name, group in dialect.groups.items()
        if group.dataset is dataset
    ]


def depths(variants: Iterable[Variant]) -> dict[str, int]:
    """Of every field that a variant has, at how many places it may be."""
    found: dict[str, int] = {}
    for variant in variants:
        for name, readings in variant.fields.items():
            found[name] = max(found.get(name, 0), len(readings))
    return dict(sorted(found.items()))


def text_names(name: str, depth: int) -> list[str]:
    """Names of the columns with a field's texts, place by place."""
    return [f"_text_{name}{number or ''}" for number in range(depth)]


def value(variants: Sequence[Variant], name: str, domain: DomainType) -> Column:
    """The value at the first place that has one; NULL for variants without the field."""
    return _by_variant(variants, name, lambda readings: _value(name, readings, domain))


def unreadable(
    variants: Sequence[Variant], domains: Mapping[str, DomainType], noun: str
) -> list[tuple[Column, str]]:
    """A code for each value that was sent and could not be read; values are columns under their names."""
    return [
        (
            F.coalesce(
                _by_variant(variants, name, partial(_is_unreadable, name, domains[name])),
                F.lit(False),
            ),
            derive.named(f"{name}:parse", noun),
        )
        for name in depths(variants)
    ]


def unlisted(variants: Sequence[Variant], name: str) -> Column:
    """What was sent for a field and is in no list of its reading: the text of one that has no list."""
    if name not in depths(variants):
        return F.lit(None).cast("string")

    def sent(found: Readings) -> Column:
        columns = [(one, parsers.part(F.col(text), one.part)) for one, text in _placed(name, found)]
        return F.coalesce(
            *[
                F.when(~parsers.is_known(text, one.values), text) if one.parser == "map" else text
                for one, text in columns
            ]
        )

    return _by_variant(variants, name, sent)


def precision(name: str, depth: int) -> Column:
    """How precise a date is at the first place that has one."""
    found = [parsers.date_precision(F.col(text)) for text in text_names(name, depth)]
    return found[0] if len(found) == 1 else F.coalesce(*found)


def _by_variant(variants: Sequence[Variant], name: str, made: Callable[[Readings], Column]) -> Column:
    """One expression for all variants that read a field alike, chosen by the row's variant."""
    alike: dict[object, list[Variant]] = {}
    for variant in variants:
        if name in variant.fields:
            alike.setdefault(tuple(map(_manner, variant.fields[name])), []).append(variant)
    made_once = [(found, made(found[0].fields[name])) for found in alike.values()]
    if len(made_once) == 1:
        return made_once[0][1]
    return reduce(
        lambda cases, one: cases.when(_is_of(one[0]), one[1]),
        made_once[1:],
        F.when(_is_of(made_once[0][0]), made_once[0][1]),
    )


def _manner(one: Reading) -> tuple[object, ...]:
    return one.parser, tuple(sorted(one.values.items())), one.part


def _is_of(variants: Sequence[Variant]) -> Column:
    """Whether a row is of one of the variants."""
    groups: dict[str, list[str]] = {}
    for one in variants:
        groups.setdefault(one.dialect, []).extend([one.group] if one.group else [])
    if not any(groups.values()):
        return F.col("dialect").isin(*groups)
    return parsers.any_of(
        [(F.col("dialect") == name) & F.col("_group").isin(*mine) for name, mine in groups.items()]
    )


def _value(name: str, readings: Readings, domain: DomainType) -> Column:
    values = [
        _typed(parsers.part(F.col(text), one.part), one, domain) for one, text in _placed(name, readings)
    ]
    return values[0] if len(values) == 1 else F.coalesce(*values)


def _typed(text: Column, one: Reading, domain: DomainType) -> Column:
    """What a reading makes of a text, in the kind of the field; NULL where it is not of that kind.

    A mapping file may not have a parser of another kind, but one that a batch has kept is read as it was.
    """
    found, mine = parsers.parse(text, one.parser, one.values), KINDS[one.parser]
    if mine is domain.kind:
        return found
    return (found if mine is Kind.TEXT else found.cast("string")).try_cast(derive.spark_type(domain))


def _is_unreadable(name: str, domain: DomainType, readings: Readings) -> Column:
    """Whether a place cannot be read, and none before it has a value."""
    columns = [parsers.part(F.col(text), one.part) for one, text in _placed(name, readings)]
    if len(readings) == 1:
        one = readings[0]
        return _has_failed(columns[0], F.col(name), one, domain)
    found, so_far = [], F.lit(True)
    for one, text in zip(readings, columns, strict=True):
        read = _typed(text, one, domain)
        found.append(so_far & _has_failed(text, read, one, domain))
        so_far &= read.isNull()
    return parsers.any_of(found)


def _has_failed(text: Column, value: Column, one: Reading, domain: DomainType) -> Column:
    """Whether a text gave no value; what a code list means may be of another kind than the field."""
    failed = parsers.is_unreadable(text, value, one.parser, one.values)
    if one.parser != "map" or domain.kind is Kind.TEXT:
        return failed
    return failed | (value.isNull() & parsers.mapped(text, one.values).isNotNull())


def _placed(name: str, readings: Readings) -> Iterable[tuple[Reading, str]]:
    return zip(readings, text_names(name, len(readings)), strict=True)
