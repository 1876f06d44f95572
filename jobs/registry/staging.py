"""Arrow → a temporary table, by COPY in binary form."""

from __future__ import annotations

from typing import Any

import psycopg
import pyarrow as pa
import sqlalchemy as sa
from pgpq import ArrowToPostgresBinaryEncoder


def stage(connection: sa.Connection, name: str, schema: pa.Schema, rows: pa.Table) -> sa.Table:
    """A temporary table of the schema's columns that holds the rows; decimals are text in it.

    Args:
        connection: Through psycopg; the table ends with its session.
        name: The table's.
        schema: Columns to copy; every one may be NULL.
        rows: Has at least those columns.

    Raises:
        TypeError: The connection is not one of psycopg.
    """
    columns = [sa.Column(field.name, _column_type(field.type)) for field in schema]
    table = sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"])
    table.create(connection)
    encoder = ArrowToPostgresBinaryEncoder(_copyable(schema))
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the registers are loaded through psycopg")
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(encoder.write_header())
        for batch in rows.select(schema.names).cast(schema).cast(_copyable(schema)).to_batches():
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())
    return table


def _copyable(schema: pa.Schema) -> pa.Schema:
    """The schema in types that the binary encoder knows: decimals travel as text."""
    return pa.schema(
        [field.with_type(pa.string()) if pa.types.is_decimal(field.type) else field for field in schema]
    )


def _column_type(kind: pa.DataType) -> sa.types.TypeEngine[Any]:
    if pa.types.is_int64(kind):
        return sa.BigInteger()
    if pa.types.is_boolean(kind):
        return sa.Boolean()
    if pa.types.is_date(kind):
        return sa.Date()
    return sa.DateTime(timezone=True) if pa.types.is_timestamp(kind) else sa.Text()
