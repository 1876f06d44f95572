"""Reason codes of a row on Spark: one text, joined by commas; empty where there is none.

A text and not an array: Spark interprets the functions of arrays row by row, while nearly every row has no
code at all (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F

NONE = ""
SEPARATOR = ","


def where(cases: Iterable[tuple[Column, str]]) -> Column:
    """The codes whose condition holds, in the order given; a condition that is NULL does not hold."""
    return F.concat_ws(SEPARATOR, *[F.when(condition, F.lit(code)) for condition, code in cases])


def joined(*codes: Column | str) -> Column:
    """Several texts of codes as one."""
    columns = [F.col(one) if isinstance(one, str) else one for one in codes]
    return F.concat_ws(SEPARATOR, *[F.nullif(one, F.lit(NONE)) for one in columns])


def joined_of(codes: str) -> Column:
    """The codes of a group's rows, as an aggregate; in no order."""
    return F.array_join(F.collect_list(F.nullif(F.col(codes), F.lit(NONE))), SEPARATOR)


def ordered(codes: Column) -> Column:
    """The codes in order, each once."""
    each = F.array_sort(F.array_distinct(F.split(codes, SEPARATOR)))
    return F.when(codes.contains(SEPARATOR), F.array_join(each, SEPARATOR)).otherwise(codes)


def are_there(codes: Column | str) -> Column:
    """Whether there is a code."""
    return (F.col(codes) if isinstance(codes, str) else codes) != NONE
