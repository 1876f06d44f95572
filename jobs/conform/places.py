"""Communes by validity: a former code becomes its successor where there is exactly one."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from schemas import reference, states
from schemas.contract import Contract
from schemas.derive import codes
from schemas.types import CommuneCode


def with_communes(items: DataFrame, contract: type[Contract]) -> DataFrame:
    """Commune codes of the current list, and ``_places``: codes of what cannot be placed.

    All records are later than the merger of 01/07/2025, so a code of the current list stands as it
    is. A divided commune is never guessed: the row is quarantined.
    """
    names = [field.name for field in contract.fields if field.domain is CommuneCode]
    if not names:
        return items.withColumn("_places", F.lit(codes.NONE))
    current, successors = reference.communes(), reference.commune_successors()
    known = [(code, code, 1) for code in sorted(current)]
    known += [(old, new[0], len(new)) for old, new in sorted(successors.items()) if old not in current]
    table = items.sparkSession.createDataFrame(known, "_code string, _now string, _count int")
    problems = []
    for name in names:
        items = (
            items.join(F.broadcast(table), F.col(name) == F.col("_code"), "left")
            .withColumn(f"_{name}_problem", _problem(name))
            .withColumn(name, F.when(F.col("_count") == 1, F.col("_now")))
            .drop("_code", "_now", "_count")
        )
        problems.append(f"_{name}_problem")
    return items.withColumn("_places", codes.joined(*problems)).drop(*problems)


def _problem(name: str) -> Column:
    sent = F.col(name).isNotNull()
    return F.when(sent & F.col("_count").isNull(), F.lit(states.COMMUNE_UNKNOWN.code)).when(
        F.col("_count") > 1, F.lit(states.COMMUNE_AMBIGUOUS.code)
    )
