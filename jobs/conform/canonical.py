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
from schemas.derive import codes
from schemas.derive import spark as derive
from schemas.dialect import Dialect, Mapped
from schemas.procedures import PROCEDURES

REFERENCE = ("submission_id", "object_no", "row_no")
_CORRUPT = "_corrupt_record"
_LANDED = (
    *REFERENCE,
    "submission_number",
    "feed_id",
    "province_code",
    "received_at",
    "content_digest",
)


def canonical(landed: DataFrame, dialects: Sequence[Dialect]) -> DataFrame:
    """Typed header columns and the form's groups as texts, for rows of any of the dialects.

    Returns:
        One row per landed row: its place, ``raw``, ``error``, the header columns of Dossiers,
        ``_parse`` (codes of what was sent and cannot be read: header values, groups), ``dossier_text``,
        ``_lacks_part`` (whether the form lacks a group that its procedure needs) and one column for
        each group: JSON of its items, which ``items_in`` reads.
    """
    names = sorted({effect.group for procedure in PROCEDURES for effect in procedure.effects})
    frames = [_of(landed.where(F.col("dialect") == dialect.name), dialect, names) for dialect in dialects]
    return reduce(DataFrame.unionByName, frames)


def _of(landed: DataFrame, dialect: Dialect, groups: Sequence[str]) -> DataFrame:
    counts = {
        f"_count_{name}": F.size(items_in(F.col(name), group.fields))
        for name, group in dialect.groups.items()
    }
    header = _header(dialect)
    unreadable = [
        (F.col("_misshapen"), "record:parse"),
        *_unreadable(dialect.header, Dossiers.info.noun),
        *_unreadable_groups(dialect),
    ]
    return (
        _texts(landed, dialect, groups)
        .withColumns(header | counts)
        .select(
            *_LANDED,
            "dialect",
            "raw",
            "error",
            F.col("_text_dossier_code").alias("dossier_text"),
            codes.where(unreadable).alias("_parse"),
            _lacks_part(dialect).alias("_lacks_part"),
            *header,
            *groups,
        )
    )


def _texts(landed: DataFrame, dialect: Dialect, groups: Sequence[str]) -> DataFrame:
    """Header values as clean text and groups as they are written, out of the record's JSON.

    What has another shape than the dialect's (a text where a list belongs) would be NULL in silence:
    ``_misshapen`` tells of it. A record that Spark's reader gives up, as it does keys of 50 000
    characters, is a row that cannot be read.
    """
    schema = T.StructType([*record_schema(dialect).fields, T.StructField(_CORRUPT, T.StringType())])
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _CORRUPT}
    record = F.from_json("text", schema, options)
    is_misshapen = F.coalesce(F.col("_record").getField(_CORRUPT).isNotNull(), F.lit(False))
    tops = {m.path.split(".")[0].removesuffix("[]") for m in dialect.header.values()}
    nothing = F.coalesce(*[F.col("_record").getField(top).cast("string") for top in sorted(tops)]).isNull()
    forms = {
        name: _at("_record", dialect.groups[name].path)
        if name in dialect.groups
        else F.lit(None).cast("string")
        for name in groups
    }
    return landed.withColumn("_record", record).select(
        *_LANDED,
        "dialect",
        "procedure",
        "raw",
        F.when(F.col("error").isNotNull(), F.col("error"))
        .when(F.col("_record").isNull(), F.lit("the row is not an object"))
        .when(is_misshapen & nothing, F.lit("the row is not JSON that can be read"))
        .alias("error"),
        is_misshapen.alias("_misshapen"),
        *[parsers.clean(_at("_record", m.path)).alias(f"_text_{name}") for name, m in dialect.header.items()],
        *[column.alias(name) for name, column in forms.items()],
    )


def _header(dialect: Dialect) -> dict[str, Column]:
    """The typed header; columns that the dialect lacks are NULL."""
    typed = {
        name: parsers.parse(F.col(f"_text_{name}"), m.parser, m.values) for name, m in dialect.header.items()
    }
    header = {
        field.name: typed.get(field.name, F.lit(None)).cast(derive.spark_type(field.domain))
        for field in Dossiers.fields
        if field.name not in {*_LANDED, "register_name", "disposition"}
    }
    return header | {"procedure_code": F.coalesce(F.col("procedure"), header["procedure_code"])}


def _unreadable(fields: Mapping[str, Mapped], noun: str) -> list[tuple[Column, str]]:
    """A code for each value that was sent and could not be read."""
    return [
        (
            parsers.is_unreadable(F.col(f"_text_{name}"), F.col(name), m.parser, m.values),
            derive.named(f"{name}:parse", noun),
        )
        for name, m in fields.items()
    ]


def _unreadable_groups(dialect: Dialect) -> list[tuple[Column, str]]:
    """A code for each group that was sent and is no list of items."""
    return [
        ((F.trim(name) != "") & (F.coalesce(F.col(f"_count_{name}"), F.lit(-1)) < 0), f"form.{name}:parse")
        for name in dialect.groups
    ]


def _lacks_part(dialect: Dialect) -> Column:
    """Whether the form of a row's procedure has no item in a group that the procedure needs."""

    def is_empty(group: str) -> Column:
        return F.coalesce(F.col(f"_count_{group}"), F.lit(0)) < 1 if group in dialect.groups else F.lit(True)

    cases = F.lit(False)
    for procedure in PROCEDURES:
        needed = sorted({effect.group for effect in procedure.effects if effect.required})
        if needed and procedure.is_baseline == dialect.is_baseline:
            is_mine = F.col("procedure_code") == procedure.code
            cases = F.when(is_mine, parsers.any_of([is_empty(group) for group in needed])).otherwise(cases)
    return cases


def items_in(text: Column, fields: Mapping[str, Mapped]) -> Column:
    """A group's items from its text; a lone object counts as one item, NULL where it is no list."""
    whole = F.when(F.trim(text).startswith("{"), F.concat(F.lit("["), text, F.lit("]"))).otherwise(text)
    paths = sorted({mapped.path for mapped in fields.values()})
    item = T.StructType([T.StructField(path, T.StringType()) for path in paths])
    return F.from_json(whole, T.ArrayType(item))


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


def typed_items(
    items: DataFrame, fields: Mapping[str, Mapped], kinds: Mapping[str, str], noun: str
) -> DataFrame:
    """Typed attributes of items in ``_item``, with ``_parse``: codes of what was sent and cannot be read.

    Args:
        items: Rows with one item each.
        fields: How the dialect writes the item.
        kinds: Columns to give, by Spark type; those the dialect lacks are NULL.
        noun: Of the dataset; it names the codes.
    """
    texts = items.withColumns(
        {f"_text_{name}": parsers.clean(F.col("_item").getField(m.path)) for name, m in fields.items()}
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
    coded = typed.withColumn("_parse", codes.where(_unreadable(fields, noun)))
    return coded.drop("_item", *[f"_text_{name}" for name in fields])


def reference_of(columns: Iterable[str] = REFERENCE) -> Column:
    """A landed row's place as one text."""
    parts: list[Any] = [F.col(name).cast("string") for name in columns]
    return F.concat_ws("/", *parts)
