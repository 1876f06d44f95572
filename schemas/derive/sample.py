"""Sample rows of contracts: one valid row, the rows of each rule's examples, and faults of a type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from schemas.contract import Contract, DomainType, Kind, Rule

Row = dict[str, object]


def typed(domain: DomainType, text: object) -> object:
    """The Python value that a sample's text stands for; None stays None."""
    if text is None or not isinstance(text, str):
        return text
    match domain.kind:
        case Kind.INTEGER:
            return int(text)
        case Kind.DECIMAL:
            return Decimal(text)
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.INSTANT:
            return datetime.fromisoformat(text)
        case Kind.BOOLEAN:
            return text == "true"
    return text


def valid(contract: type[Contract]) -> Row:
    """A row that breaks no check: the first sample of each domain under the contract's own example."""
    return over(contract, {}, base=_plain(contract))


def _plain(contract: type[Contract]) -> Row:
    return {
        field.name: typed(
            field.domain,
            contract.example.get(field.name, field.domain.samples[0] if field.domain.samples else None),
        )
        for field in contract.fields
    }


def over(contract: type[Contract], values: Mapping[str, object], base: Row | None = None) -> Row:
    """The valid row with values laid over it."""
    row = dict(base if base is not None else _plain(contract))
    return row | {name: typed(contract.field(name).domain, text) for name, text in values.items()}


def passing(contract: type[Contract], rule: Rule) -> Iterator[Row]:
    """Rows on which a rule holds."""
    return (over(contract, values) for values in rule.passes)


def failing(contract: type[Contract], rule: Rule) -> Iterator[Row]:
    """Rows that a rule alone rejects."""
    return (over(contract, values) for values in rule.fails)
