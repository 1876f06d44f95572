"""A conform batch as the lake now holds it: what is checked of it, and its receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from expectations.facts import COLUMNS as FACT_COLUMNS
from jobs import session
from jobs.conform.canonical import reference_of
from jobs.lake import evidence, tables
from jobs.lake.rows import rows_of
from jobs.ops.batches import Batch
from schemas.core.landed import PLACE
from schemas.derive import spark as derive
from schemas.registry import FOLDED


def written_facts(spark: SparkSession, batch: Batch, into: Sequence[str]) -> DataFrame:
    """The batch's facts as the lake holds them, each with the place of its effective row."""

    def written(dataset: str) -> DataFrame:
        return spark.table(tables.name(dataset)).where(F.col("batch_id") == batch.batch_id)

    of_facts = [contract.dataset("core") for contract in FOLDED]
    names = [name for name in of_facts if name in into] or of_facts[:1]
    emitted = reduce(DataFrame.unionAll, [written(name).select(*PLACE, "fact_id") for name in names])
    landed = rows_of(spark, [batch.batch_id], into)
    effective = landed.where(F.col("disposition") == "effective").select(*PLACE)
    rows = effective.withColumn("effective_row", reference_of())
    return session.checkpoint(emitted.join(rows, list(PLACE), "left").select(*FACT_COLUMNS))


def counted(rows: DataFrame) -> list[dict[str, Any]]:
    """Numbers and content digests of landed rows by submission, register and disposition."""
    names = ("submission_id", "register_name", "disposition")
    sums = derive.digest_sums(F.col("content_digest"))
    counts = rows.groupBy(*names).agg(F.count(F.lit(1)).alias("rows"), *sums).orderBy(*names)
    return [
        {
            "submission_id": row.submission_id,
            "register": row.register_name,
            "disposition": row.disposition,
            "rows": row.rows,
            "digest": evidence.digest_of(row.asDict()),
        }
        for row in counts.collect()
    ]


def receipt_of(
    spark: SparkSession, batch: Batch, into: Sequence[str], *, landed: Mapping[str, int]
) -> dict[str, Any]:
    """Counts and digests of the batch as the lake now holds it.

    Args:
        spark: A session.
        batch: The batch.
        into: The tables that it was written to.
        landed: Numbers of rows that were landed, by the dataset that they are rows of.

    Raises:
        IntegrityFault: The lake holds another number of rows than were landed or committed.
    """
    told = counted(rows_of(spark, [batch.batch_id], into))
    held = evidence.parts(spark, {table: evidence.CORE[table] for table in into}, [batch.batch_id])
    evidence.require_whole(spark, into, batch.batch_id, held, landed)
    by_table = evidence.rows_by_table(held)
    emitted = {c.table(): by_table[c.dataset("core")] for c in FOLDED if c.dataset("core") in by_table}
    return {
        "batch_id": batch.batch_id,
        "at": batch.at.isoformat(),
        "submissions": list(batch.plan["submissions"]),
        "counts": told,
        "facts": dict(sorted(emitted.items())),
        "evidence": evidence.told(held),
    }
