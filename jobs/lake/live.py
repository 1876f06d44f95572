"""What readers of the lake see: rows of committed batches that nothing later replaced."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs.lake import tables
from jobs.ops import batches


def conformed(spark: SparkSession, engine: Engine, dataset: str) -> DataFrame:
    """Live rows of a core table: those of the newest committed conform batch of each submission."""
    live = batches.live_conforms(engine)
    table = _now(spark, dataset)
    if not live:
        return table.where(F.lit(False))
    names = spark.createDataFrame(sorted(live.items()), "submission_id string, batch_id bigint")
    return table.join(F.broadcast(names), ["submission_id", "batch_id"], "left_semi")


def _now(spark: SparkSession, dataset: str) -> DataFrame:
    tables.refresh(spark, [dataset])
    return spark.table(tables.name(dataset))


def merged(spark: SparkSession, engine: Engine, dataset: str, register: str) -> DataFrame:
    """Rows of a curated log that committed merge batches wrote."""
    numbers = [batch.batch_id for batch in batches.committed(engine, kind="merge", register=register)]
    table = _now(spark, dataset)
    return table.where(F.col("batch_id").isin(*numbers) if numbers else F.lit(False))


def dispositions(spark: SparkSession, engine: Engine, register: str) -> DataFrame:
    """Each fact's disposition now: the newest row of the log."""
    log = merged(spark, engine, f"curated.{register}_dispositions", register)
    newest = log.groupBy("fact_id").agg(F.max_by(F.struct(*log.columns), "batch_id").alias("row"))
    return newest.select("row.*")


def assertions(spark: SparkSession, engine: Engine, dataset: str, register: str) -> DataFrame:
    """Golden versions that stand asserted and not withdrawn."""
    log = merged(spark, engine, dataset, register)
    newest = log.groupBy("version_digest").agg(F.max_by(F.struct(*log.columns), "batch_id").alias("row"))
    return newest.select("row.*").where(F.col("operation") == "assert")
