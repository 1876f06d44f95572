"""Arrow schemas of contracts."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from schemas.contract import Contract, DomainType, Kind
from schemas.facts import VERSION, Column

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.DATE: pa.date32(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.BOOLEAN: pa.bool_(),
}


def arrow_type(domain: DomainType) -> pa.DataType:
    """Arrow type of a domain; decimals have 18 digits."""
    return pa.decimal128(18, domain.scale) if domain.kind is Kind.DECIMAL else _TYPES[domain.kind]


def schema(contract: type[Contract]) -> pa.Schema:
    """Columns of a contract in order; required columns are not nullable."""
    return pa.schema(
        [pa.field(f.name, arrow_type(f.domain), nullable=not f.required) for f in contract.fields]
    )


def columns_schema(columns: Iterable[Column]) -> list[pa.Field]:
    """Technical columns as Arrow fields."""
    return [pa.field(c.name, arrow_type(c.domain), nullable=c.nullable) for c in columns]


def version_schema(contract: type[Contract]) -> pa.Schema:
    """Columns of a dataset's golden versions."""
    return pa.schema(
        [
            *columns_schema(VERSION),
            *(field.with_nullable(True) for field in schema(contract)),
        ]
    )
