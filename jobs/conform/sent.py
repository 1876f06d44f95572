"""What dossiers say, whatever their dialect: clean texts under canonical names, forms as lists of lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Self

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.conform import readings
from jobs.conform.readings import Variant
from jobs.landing.texts import Item, Places, Record, clean, is_something, items_of, text_of
from schemas.core.landed import PLACE
from schemas.dialect import Dialect
from schemas.fitting import DATASETS
from schemas.reading import Readings

LANDED = (
    *PLACE,
    "submission_number",
    "feed_id",
    "province_code",
    "received_at",
    "content_digest",
    "_fields",
)
GROUPS = sorted(DATASETS)
_MISSHAPEN, _UNREAD = "_misshapen", "_unread_"


@dataclass(frozen=True, slots=True)
class Said:
    """The columns with what rows of some dialects say, beside those that every landed row has."""

    header: tuple[str, ...]
    """One for each place of each header field."""
    groups: Mapping[str, pa.StructType]
    """Of each part of a form that one of the dialects has, its lines."""

    @classmethod
    def by(cls, dialects: Sequence[Dialect]) -> Self:
        """The columns for rows of any of the dialects."""
        groups = {}
        for name in GROUPS:
            if any(name in one.groups for one in dialects):
                texts = _texts(readings.of_items(dialects, DATASETS[name]))
                groups[name] = pa.struct([(text, pa.string()) for text in texts])
        return cls(tuple(_texts(readings.of_headers(dialects))), groups)

    def schema(self) -> pa.Schema:
        """Names and types."""
        return pa.schema(
            [
                (_MISSHAPEN, pa.bool_()),
                *[(name, pa.string()) for name in self.header],
                *[(name, pa.list_(line)) for name, line in self.groups.items()],
                *[(_UNREAD + name, pa.bool_()) for name in self.groups],
            ]
        )

    def columns(self, records: Sequence[Record | None], dialect: Dialect) -> dict[str, pa.Array]:
        """What records of one dialect say, by column; nothing where a record is None.

        What has another shape than the dialect's (a text where an object belongs) would be NULL in
        silence: ``_misshapen`` tells of it.

        Args:
            records: As ``jobs.landing.shaping`` leaves them.
            dialect: Theirs.
        """
        places, paths = Places(records), _paths(dialect.header)
        header = {
            name: _text_array(places.at(paths[name]))
            if name in paths
            else pa.nulls(len(records), pa.string())
            for name in self.header
        }
        lists: dict[str, pa.Array] = {}
        unread: dict[str, pa.Array] = {}
        for name, line in self.groups.items():
            group = dialect.groups.get(name)
            values = places.at(group.path) if group else [None] * len(records)
            if group is None or values.count(None) == len(values):
                lists[name] = pa.nulls(len(values), pa.list_(line))
                unread[_UNREAD + name] = pa.repeat(False, len(values))
                continue
            items = [None if value is None else items_of(value) for value in values]
            lists[name], is_misshapen = _lines(items, line, _paths(group.fields))
            places.mark(is_misshapen)
            unread[_UNREAD + name] = pa.array(
                [one is None and is_something(value) for one, value in zip(items, values, strict=True)]
            )
        return {_MISSHAPEN: pa.array(places.is_misshapen), **header, **lists, **unread}


def _texts(variants: Sequence[Variant]) -> Iterator[str]:
    for name, depth in readings.depths(variants).items():
        yield from readings.text_names(name, depth)


def _paths(fields: Mapping[str, Readings]) -> dict[str, str]:
    """Where the texts are, by column."""
    return {
        text: one.path
        for name, many in fields.items()
        for one, text in zip(many, readings.text_names(name, len(many)), strict=True)
    }


def _text_array(values: Iterable[Any]) -> pa.Array:
    """The clean texts of values; nearly all are plain texts or nothing, which need no call."""
    texts = [
        value if value is None or (type(value) is str and value.isascii()) else text_of(value)
        for value in values
    ]
    return clean(pa.array(texts, pa.string()))


def _lines(
    lists: Sequence[list[Item] | None], line: pa.StructType, paths: Mapping[str, str]
) -> tuple[pa.Array, list[bool]]:
    """Lists of lines, as Arrow lays them out: the texts of all lines, and where each list begins.

    Of each list is told too whether a line of it has another shape than a path says.
    """
    items = [item for one in lists for item in one or ()]
    ends = [*accumulate((len(one or ()) for one in lists), initial=0)]
    offsets = [None if one is None else end for one, end in zip([*lists, []], ends, strict=True)]
    places = Places(items)
    texts = [
        _text_array(places.at(paths[field.name]))
        if field.name in paths
        else pa.nulls(len(items), pa.string())
        for field in line
    ]
    odd = places.is_misshapen
    is_misshapen = (
        [any(odd[begin:end]) for begin, end in pairwise(ends)] if any(odd) else [False] * len(lists)
    )
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(texts, fields=list(line))
    ), is_misshapen


def sent(landed: DataFrame, dialects: Sequence[Dialect]) -> DataFrame:
    """Texts of the header and the lines of every group, for rows of any of the dialects.

    Args:
        landed: Landed rows with the columns of ``Said``.
        dialects: Those by which it was read.

    Returns:
        One row per landed row: its place, ``dialect``, ``procedure``, ``raw``, ``error``, ``_misshapen``,
        ``_text_…`` for each place of each header field, one list of lines for each of ``GROUPS`` (NULL
        where there is none or it is no list), and for each ``_unread_…``: whether there is something
        that is no list of lines.
    """
    said = Said.by(dialects)
    nothing = F.lit(None).cast("array<struct<_nothing: string>>")
    return landed.select(
        *(*LANDED, "dialect", "procedure", "raw", "error", _MISSHAPEN),
        *said.header,
        *[F.col(name) if name in said.groups else nothing.alias(name) for name in GROUPS],
        *[
            (F.col(_UNREAD + name) if name in said.groups else F.lit(False)).alias(_UNREAD + name)
            for name in GROUPS
        ],
    )
