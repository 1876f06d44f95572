"""Landed rows whatever dataset they are rows of, in the columns that all of these have."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs.lake import live, tables
from schemas.core.landed import PLACE
from schemas.registry import ROWS

COLUMNS = (
    *(*PLACE, "feed_id", "province_code", "register_name", "disposition"),
    *("content_digest", "received_at"),
)


def rows_of(
    spark: SparkSession, batch_ids: Collection[int], into: Collection[str] | None = None
) -> DataFrame:
    """Rows that some batches wrote, with ``batch_id`` and ``dataset``.

    Args:
        spark: A session.
        batch_ids: The batches.
        into: The tables that they were written to, where that is known.
    """
    frames = [
        spark.table(tables.name(contract.dataset()))
        .where(F.col("batch_id").isin(*batch_ids))
        .select(F.lit(contract.dataset()).alias("dataset"), "batch_id", *COLUMNS)
        for contract in ROWS
        if into is None or contract.dataset() in into
    ]
    return reduce(DataFrame.unionAll, frames)


def conformed(spark: SparkSession, engine: Engine) -> DataFrame:
    """Live rows, with ``batch_id`` and ``code``: what names the dossier or document that each is about."""
    frames = [
        live.conformed(spark, engine, contract.dataset()).select(
            "batch_id", *COLUMNS, F.col(code).alias("code")
        )
        for contract, code in ROWS.items()
    ]
    return reduce(DataFrame.unionAll, frames)
