"""What dossiers say, out of the JSON of any dialect: texts under canonical names, forms as lists of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.conform import readings
from jobs.transforms import parsers
from schemas.dialect import Dialect, Group
from schemas.procedures import PROCEDURES

REFERENCE = ("submission_id", "object_no", "row_no")
LANDED = (
    *REFERENCE,
    "submission_number",
    "feed_id",
    "province_code",
    "received_at",
    "content_digest",
    "_fields",
)
DATASETS = {effect.group: effect.dataset for procedure in PROCEDURES for effect in procedure.effects}
"""Parts of a form that an effect reads, with the dataset of their items."""
GROUPS = sorted(DATASETS)
_CORRUPT = "_corrupt_record"


def sent(landed: DataFrame, dialects: Sequence[Dialect]) -> DataFrame:
    """Clean texts of the header and the lines of every group, for rows of any of the dialects in one pass.

    What has another shape than the dialect's (a text where a list belongs) would be NULL in silence:
    ``_misshapen`` tells of it. A record that Spark's reader gives up, as it does keys of 50 000
    characters, is a row that cannot be read.

    Returns:
        One row per landed row: its place, ``dialect``, ``procedure``, ``raw``, ``error``, ``_misshapen``,
        ``_text_…`` for each place of each header field, one list of lines for each of ``GROUPS`` (NULL
        where there is none or it is no list), and for each ``_sent_…``: whether there is anything.
    """
    records = {one.name: f"_record_{number}" for number, one in enumerate(dialects)}
    read = landed.withColumns({records[one.name]: _record(one) for one in dialects})
    is_misshapen = _any(F.col(name).getField(_CORRUPT).isNotNull() for name in records.values())
    nothing = _any(_is_empty(F.col(records[one.name]), one) for one in dialects)
    no_record = parsers.all_of([F.col(name).isNull() for name in records.values()])
    return read.select(
        *LANDED,
        "dialect",
        "procedure",
        "raw",
        F.when(F.col("error").isNotNull(), F.col("error"))
        .when(no_record, F.lit("the row is not an object"))
        .when(is_misshapen & nothing, F.lit("the row is not JSON that can be read"))
        .alias("error"),
        is_misshapen.alias("_misshapen"),
        *_header(dialects, records),
        *[_lines(name, dialects, records).alias(name) for name in GROUPS],
        *[_is_sent(name, dialects, records).alias(f"_sent_{name}") for name in GROUPS],
    )


def _any(conditions: Iterable[Column]) -> Column:
    return parsers.any_of([F.coalesce(one, F.lit(False)) for one in conditions])


def _record(dialect: Dialect) -> Column:
    """The record's paths as texts; NULL for rows of other dialects."""
    schema = T.StructType([*record_schema(dialect).fields, T.StructField(_CORRUPT, T.StringType())])
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _CORRUPT}
    return F.from_json(F.when(F.col("dialect") == dialect.name, F.col("text")), schema, options)


def _is_empty(record: Column, dialect: Dialect) -> Column:
    """Whether none of the header's keys was read."""
    paths = [one.path for many in dialect.header.values() for one in many]
    tops = sorted({path.split(".")[0].removesuffix("[]") for path in paths})
    is_mine = F.col("dialect") == dialect.name
    return is_mine & F.coalesce(*[record.getField(top).cast("string") for top in tops]).isNull()


def _header(dialects: Sequence[Dialect], records: Mapping[str, str]) -> Iterable[Column]:
    """The clean text at each place of each field; only the row's own record has any."""
    for name, depth in readings.depths(readings.of_headers(dialects)).items():
        for number, text in enumerate(readings.text_names(name, depth)):
            found = [
                at(F.col(records[one.name]), one.header[name][number].path)
                for one in dialects
                if len(one.header.get(name, ())) > number
            ]
            yield parsers.clean(_first(found)).alias(text)


def _first(columns: Sequence[Column]) -> Column:
    return columns[0] if len(columns) == 1 else F.coalesce(*columns)


def _lines(name: str, dialects: Sequence[Dialect], records: Mapping[str, str]) -> Column:
    """A group's items with their texts under canonical names; NULL where the form has no such list."""
    depths = readings.depths(readings.of_items(dialects, DATASETS[name]))
    having = [one for one in dialects if name in one.groups]
    if not having:
        return F.lit(None).cast(T.ArrayType(_line(depths)))
    return _first([_items(_text(one, name, records), one.groups[name], depths) for one in having])


def _line(depths: Mapping[str, int]) -> T.StructType:
    names = [text for name, depth in depths.items() for text in readings.text_names(name, depth)]
    return T.StructType([T.StructField(name, T.StringType()) for name in names])


def _text(dialect: Dialect, name: str, records: Mapping[str, str]) -> Column:
    return at(F.col(records[dialect.name]), dialect.groups[name].path)


def _items(text: Column, group: Group, depths: Mapping[str, int]) -> Column:
    """A group's items from its text; a lone object counts as one item, NULL where it is no list."""
    whole = F.when(F.trim(text).startswith("{"), F.concat(F.lit("["), text, F.lit("]"))).otherwise(text)
    paths = sorted({one.path for many in group.fields.values() for one in many})
    theirs = T.ArrayType(T.StructType([T.StructField(path, T.StringType()) for path in paths]))

    def ours(item: Column) -> Column:
        return F.struct(
            *[
                (
                    item.getField(group.fields[name][number].path)
                    if len(group.fields.get(name, ())) > number
                    else F.lit(None).cast("string")
                ).alias(text)
                for name, depth in depths.items()
                for number, text in enumerate(readings.text_names(name, depth))
            ]
        )

    return F.transform(F.from_json(whole, theirs), ours)


def _is_sent(name: str, dialects: Sequence[Dialect], records: Mapping[str, str]) -> Column:
    """Whether there is anything where a group belongs."""
    texts = [_text(one, name, records) for one in dialects if name in one.groups]
    return _any([F.trim(_first(texts)) != ""]) if texts else F.lit(False)


def at(record: Column, path: str) -> Column:
    """The text at a path; ``name[]`` takes the first item of a list."""
    for step in path.split("."):
        record = record.getField(step.removesuffix("[]"))
        if step.endswith("[]"):
            record = F.get(record, 0)
    return record


def record_schema(dialect: Dialect) -> T.StructType:
    """Every path of a dialect as a struct with text leaves; a group stays text until its items are read."""
    paths = [one.path for many in dialect.header.values() for one in many]
    paths += [group.path for group in dialect.groups.values()]
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
