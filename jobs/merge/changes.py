"""Differences between what the fold gives and what is asserted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.identity import columns
from jobs.identity.shape import DatasetShape, RegisterShape
from jobs.lake import tables
from jobs.lake.evidence import NOT_CONTENT, digest_columns
from jobs.merge.facts import Compared, live, replaced, wide
from jobs.merge.plan import Scope
from schemas.contract import Contract
from schemas.derive import spark as derive
from schemas.facts import DISPOSITION, ENTITY, FACT_DISPOSITIONS, VERSION


def committed(spark: SparkSession, table: str, scope: Scope) -> DataFrame:
    """Rows of a curated log that committed batches wrote before this one."""
    return spark.table(tables.name(table)).where(
        F.col("batch_id").isin(*scope.merged) if scope.merged else F.lit(False)
    )


def versions(result: DataFrame, dataset: DatasetShape, place: int) -> DataFrame:
    """Golden versions of one dataset with their digest, in the columns of its log but for the batch's."""
    contract = dataset.contract
    key = contract.key.names[0]
    payload = [
        F.when(F.col("is_resolved"), F.col("aggregate_key")).alias(key)
        if name == key
        else F.col(columns.payload(dataset, name)).alias(name)
        for name in contract.names()
    ]
    technical = [column.name for column in VERSION if column.name not in NOT_CONTENT]
    rows = result.where((F.col("kind") == "version") & (F.col("dataset") == place)).select(
        *technical, *payload
    )
    return rows.withColumn("version_digest", derive.row_digest(digest_columns(contract)))


def asserted(
    spark: SparkSession, contract: type[Contract], scope: Scope, compared: Compared | None
) -> DataFrame:
    """Versions of the compared aggregates that stand asserted and not withdrawn."""
    log = committed(spark, contract.dataset("curated"), scope)
    rows = compared.only(log) if compared else log
    return _newest(rows, "version_digest").where(F.col("operation") == "assert")


def _newest(log: DataFrame, key: str) -> DataFrame:
    """Of each value of a column the whole row of the newest batch."""
    return log.groupBy(key).agg(F.max_by(F.struct(*log.columns), "batch_id").alias("row")).select("row.*")


def difference(
    new: DataFrame, old: DataFrame, contract: type[Contract], batch_id: int, recorded: Column
) -> DataFrame:
    """Rows to append: versions asserted for the first time, and versions withdrawn."""
    order = [column.name for column in VERSION] + list(contract.names())

    def stamped(frame: DataFrame, operation: str) -> DataFrame:
        return frame.withColumns(
            {
                "batch_id": F.lit(batch_id).cast("long"),
                "operation": F.lit(operation),
                "recorded_from": recorded,
            }
        ).select(*order)

    fresh = new.join(old.select("version_digest"), "version_digest", "left_anti")
    gone = old.join(new.select("version_digest"), "version_digest", "left_anti")
    return stamped(fresh, "assert").unionByName(stamped(gone, "withdraw"))


def dispositions(
    spark: SparkSession,
    shape: RegisterShape,
    result: DataFrame,
    scope: Scope,
    compared: Compared | None,
    batch_id: int,
    recorded: Column,
) -> DataFrame:
    """Dispositions that are new or changed, with the one before; lost facts become ``outdated``."""
    log = committed(spark, f"curated.{shape.register.value}_dispositions", scope)
    nouns = F.element_at(F.array(*[F.lit(d.noun) for d in shape.datasets]), F.col("dataset") + 1)
    kept = [
        column.name
        for column in DISPOSITION
        if column.name not in ("batch_id", "dataset", "previous", "recorded_at")
    ]
    now = result.where(F.col("kind") == "disposition").select(nouns.alias("dataset"), *kept)
    before = _newest(compared.among(log, now, "fact_id") if compared else log, "fact_id")
    known = before.select("fact_id", F.col("disposition").alias("previous"), F.col("codes").alias("_codes"))
    changed = now.join(known, "fact_id", "left").where(
        ~(F.col("previous").eqNullSafe(F.col("disposition")) & F.col("_codes").eqNullSafe(F.col("codes")))
    )
    rows = changed.drop("_codes")
    if scope.again and compared:
        rows = rows.unionByName(_lost(spark, shape, log, scope, compared))
    order = [column.name for column in DISPOSITION]
    return rows.withColumns(
        {
            "batch_id": F.lit(batch_id).cast("long"),
            "recorded_at": recorded,
        }
    ).select(*order)


def _lost(
    spark: SparkSession, shape: RegisterShape, log: DataFrame, scope: Scope, compared: Compared
) -> DataFrame:
    """Facts once merged whose row no longer emits them: they leave no equation, they are outdated."""
    facts = wide(spark, shape)
    # A fact's id tells its row, so what stands in its place comes from the same submission.
    standing = live(facts, scope).where(F.col("submission_id").isin(*scope.again))
    gone = replaced(facts, scope).select("fact_id").join(standing.select("fact_id"), "fact_id", "left_anti")
    return (
        _newest(compared.among(log, gone, "fact_id"), "fact_id")
        .where(F.col("disposition") != "outdated")
        .withColumns(
            {
                "previous": F.col("disposition"),
                "disposition": F.lit("outdated"),
                "codes": F.lit(""),
            }
        )
        .drop("batch_id", "recorded_at")
    )


def entities(result: DataFrame, batch_id: int, recorded: Column) -> DataFrame:
    """Entities minted by the batch."""
    return (
        result.where(F.col("kind") == "entity")
        .withColumns({"batch_id": F.lit(batch_id).cast("long"), "recorded_at": recorded})
        .select(*[column.name for column in ENTITY])
    )


def counts(rows: Sequence[tuple[str | None, str, int]]) -> dict[str, Any]:
    """The ledger's fact counts from (previous, disposition, number): those merged first, and moved."""
    first = dict.fromkeys(FACT_DISPOSITIONS, 0)
    moved: dict[str, int] = {}
    for previous, disposition, number in rows:
        if previous is None:
            first[disposition] += number
        elif previous != disposition:
            moved[previous] = moved.get(previous, 0) - number
            moved[disposition] = moved.get(disposition, 0) + number
    return {
        "emitted": sum(first.values()),
        **first,
        "moved": {name: number for name, number in sorted(moved.items()) if number},
    }


def summed(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The fact counts of two receipts together."""
    moved = Counter(one["moved"])
    moved.update(other["moved"])
    first = {name: one[name] + other[name] for name in ("emitted", *FACT_DISPOSITIONS)}
    return {**first, "moved": {name: number for name, number in sorted(moved.items()) if number}}
