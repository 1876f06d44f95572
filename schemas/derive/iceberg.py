"""Iceberg tables of contracts, as statements for Spark."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import types as T

BUCKETS = 4


def create_statement(table: str, schema: T.StructType, *, bucket_by: str | None = None) -> str:
    """``CREATE TABLE IF NOT EXISTS`` with comments; files are bucketed by a column where one is named."""
    columns = _columns(schema.fields)
    partition = f" PARTITIONED BY (bucket({BUCKETS}, {bucket_by}))" if bucket_by else ""
    properties = {
        "format-version": "2",
        "write.parquet.compression-codec": "zstd",
        "write.distribution-mode": "hash" if bucket_by else "none",
        "write.metadata.delete-after-commit.enabled": "true",
        "write.metadata.previous-versions-max": "20",
    }
    stated = ", ".join(f"'{name}'='{value}'" for name, value in properties.items())
    return f"CREATE TABLE IF NOT EXISTS {table} ({columns}) USING iceberg{partition} TBLPROPERTIES ({stated})"


def widen_statement(table: str, fields: Iterable[T.StructField]) -> str:
    """``ALTER TABLE`` that adds columns; rows before it have no value in them."""
    return f"ALTER TABLE {table} ADD COLUMNS ({_columns(fields)})"


def _columns(fields: Iterable[T.StructField]) -> str:
    return ", ".join(f"`{field.name}` {field.dataType.simpleString()}{_comment(field)}" for field in fields)


def _comment(field: T.StructField) -> str:
    text = (field.metadata or {}).get("comment", "").replace("\\", "\\\\").replace("'", "\\'")
    return f" COMMENT '{text}'" if text else ""
