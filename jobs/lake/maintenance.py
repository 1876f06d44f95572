"""Keeps the lake small: compaction, snapshot expiry, orphans. What a reader sees does not change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import SparkSession

from jobs import session
from jobs.lake import tables
from jobs.settings import Settings

_ORPHAN_DAYS = 3
"""The youngest file that may be swept: a commit under way has files that no table names yet."""


def maintain(settings: Settings, *, at: datetime, keep_days: int = 7) -> dict[str, Any]:
    """Compacts every table, expires old snapshots and sweeps orphans; numbers of files by table.

    Args:
        settings: Names the stores.
        at: Instant of the run.
        keep_days: Days that a snapshot is kept, so that readers and repeated batches still find it.
    """
    spark = session.connect(settings)
    tables.ensure(spark)
    # The store's own clock stamps files, so their age is not the calendar's of the sources.
    now = datetime.now(UTC)  # noqa: TID251
    names = sorted(dataset for dataset, _, _ in tables.schemas())
    done = {name: _one(spark, tables.name(name), now, timedelta(days=keep_days)) for name in names}
    return {"at": at.isoformat(), "batch_id": None, "tables": done}


def _one(spark: SparkSession, name: str, now: datetime, keep: timedelta) -> dict[str, int]:
    system = f"CALL {tables.CATALOGUE}.system"
    rewritten = spark.sql(
        f"{system}.rewrite_data_files(table => '{name}', options => map('min-input-files', '8'))"
    ).collect()[0]
    expired = expire(spark, name, before=now - keep, keep=5)
    orphans = spark.sql(
        f"{system}.remove_orphan_files(table => '{name}', prefix_listing => true, "
        f"older_than => {_stamp(now - timedelta(days=_ORPHAN_DAYS))})"
    ).collect()
    return {
        "rewritten_files": int(rewritten["rewritten_data_files_count"]),
        "added_files": int(rewritten["added_data_files_count"]),
        "expired_files": expired,
        "orphan_files": len(orphans),
    }


def expire(spark: SparkSession, name: str, *, before: datetime, keep: int) -> int:
    """Expires a table's snapshots before an instant but the newest ones; number of data files deleted."""
    told = spark.sql(
        f"CALL {tables.CATALOGUE}.system.expire_snapshots(table => '{name}', "
        f"older_than => {_stamp(before)}, retain_last => {keep})"
    ).collect()[0]
    return int(told["deleted_data_files_count"])


def _stamp(instant: datetime) -> str:
    return f"TIMESTAMP '{instant:%Y-%m-%d %H:%M:%S.%f}'"
