"""From a record's JSON to canonical text, and from text to typed dossiers: one expression per column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.transforms import parsers
from schemas.core.dossiers import Dossiers
from schemas.derive import spark as derive
from schemas.dialect import Dialect, Group, Mapped
from schemas.procedures import PROCEDURES

REFERENCE = ("submission_id", "object_no", "row_no")
_LANDED = (
    *REFERENCE,
    "submission_number",
    "feed_id",
    "province_code",
    "received_at",
    "content_digest",
)


def canonical(landed: DataFrame, dialects: Sequence[Dialect]) -> DataFrame:
    """Typed header columns and the form's groups as arrays of text, for rows of any of the dialects.

    Returns:
        One row per landed row: its place, ``raw``, ``error``, the header columns of Dossiers,
        ``_parse`` (codes of header values that were sent and cannot be read), ``dossier_text`` and
        one array column for each group.
    """
    names = sorted({effect.group for procedure in PROCEDURES for effect in procedure.effects})
    frames = [_of(landed.where(F.col("dialect") == dialect.name), dialect, names) for dialect in dialects]
    return reduce(DataFrame.unionByName, frames)


def _of(landed: DataFrame, dialect: Dialect, groups: Sequence[str]) -> DataFrame:
    record = F.from_json("text", record_schema(dialect), {"mode": "PERMISSIVE"})
    arrays = {
        name: _items(dialect.groups[name]) if name in dialect.groups else F.lit(None).cast(ITEMS)
        for name in groups
    }
    texts = landed.withColumn("_record", record).select(
        *_LANDED,
        "dialect",
        "procedure",
        "raw",
        F.when(F.col("error").isNull() & F.col("_record").isNull(), F.lit("the row is not an object"))
        .otherwise(F.col("error"))
        .alias("error"),
        *[parsers.clean(_at("_record", m.path)).alias(f"_text_{name}") for name, m in dialect.header.items()],
        *[column.alias(name) for name, column in arrays.items()],
    )
    typed = {
        name: parsers.parse(F.col(f"_text_{name}"), m.parser, m.values) for name, m in dialect.header.items()
    }
    header = {
        field.name: typed.get(field.name, F.lit(None)).cast(derive.spark_type(field.domain))
        for field in Dossiers.fields
        if field.name not in {*_LANDED, "register_name", "disposition"}
    }
    header["procedure_code"] = F.coalesce(F.col("procedure"), header["procedure_code"])
    read = texts.withColumns(header)
    return read.select(
        *_LANDED,
        "dialect",
        "raw",
        "error",
        F.col("_text_dossier_code").alias("dossier_text"),
        F.array_compact(F.array(*_unreadable(dialect.header))).alias("_parse"),
        *header,
        *groups,
    )


def _unreadable(fields: Mapping[str, Mapped]) -> list[Column]:
    """A code for each value that was sent and could not be read."""
    return [
        F.when(
            parsers.is_unreadable(F.col(f"_text_{name}"), F.col(name), m.parser, m.values),
            F.lit(f"{name}:parse"),
        )
        for name, m in fields.items()
    ]


ITEMS = "array<map<string,string>>"
"""A group's items: texts by the names of the dialect."""


def _items(group: Group) -> Column:
    """A group's items; a lone object counts as one item."""
    text = _at("_record", group.path)
    whole = F.when(F.trim(text).startswith("{"), F.concat(F.lit("["), text, F.lit("]"))).otherwise(text)
    return F.from_json(whole, ITEMS)


def _at(root: str, path: str) -> Column:
    """The text at a path; ``name[]`` takes the first item of a list."""
    value = F.col(root)
    for step in path.split("."):
        value = value.getField(step.removesuffix("[]"))
        if step.endswith("[]"):
            value = F.get(value, 0)
    return value


def record_schema(dialect: Dialect) -> T.StructType:
    """Every path of a dialect as a struct with text leaves; a group stays text until its items are read."""
    paths = [mapped.path for mapped in dialect.header.values()] + [g.path for g in dialect.groups.values()]
    return _struct(path.split(".") for path in paths)


def _struct(paths: Iterable[Sequence[str]]) -> T.StructType:
    children: dict[str, list[Sequence[str]]] = {}
    for head, *rest in paths:
        children.setdefault(head, []).append(rest)
    fields = []
    for step, below in children.items():
        inner: T.DataType = _struct(rest for rest in below if rest) if any(below) else T.StringType()
        fields.append(
            T.StructField(step.removesuffix("[]"), T.ArrayType(inner) if step.endswith("[]") else inner)
        )
    return T.StructType(fields)


def typed_items(items: DataFrame, fields: Mapping[str, Mapped], kinds: Mapping[str, str]) -> DataFrame:
    """Typed attributes of items in ``_item``, with ``_parse``: codes of what was sent and cannot be read.

    Args:
        items: Rows with one item each.
        fields: How the dialect writes the item.
        kinds: Columns to give, by Spark type; those the dialect lacks are NULL.
    """
    texts = items.withColumns(
        {f"_text_{name}": parsers.clean(F.col("_item").getItem(m.path)) for name, m in fields.items()}
    )
    values = {
        name: parsers.parse(F.col(f"_text_{name}"), fields[name].parser, fields[name].values).cast(kind)
        if name in fields
        else F.lit(None).cast(kind)
        for name, kind in kinds.items()
    }
    precisions = {
        f"_{name}_precision": parsers.date_precision(F.col(f"_text_{name}"))
        if name in fields
        else F.lit(None).cast("string")
        for name, kind in kinds.items()
        if kind == "date"
    }
    typed = texts.withColumns(values).withColumns(precisions)
    coded = typed.withColumn("_parse", F.array_compact(F.array(*_unreadable(fields))))
    return coded.drop("_item", *[f"_text_{name}" for name in fields])


def reference_of(columns: Iterable[str] = REFERENCE) -> Column:
    """A landed row's place as one text."""
    parts: list[Any] = [F.col(name).cast("string") for name in columns]
    return F.concat_ws("/", *parts)
