"""Keeps the lake small: compaction, snapshot expiry, orphans. What a reader sees does not change.

Loads and readers may go on meanwhile (decision 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs import ops, session
from jobs.errors import IntegrityFault
from jobs.lake import tables
from jobs.ops import locks
from jobs.settings import Settings

KEEP = timedelta(days=7)
"""How long a snapshot stays readable after another replaced it."""
_FEW = 8
"""Small files of one bucket that are worth compacting."""
_ORPHAN_AGE = timedelta(days=3)
"""The youngest file that may be swept: a commit under way has files that no table names yet."""
_SYSTEM = f"CALL {tables.CATALOGUE}.system"


def maintain(
    settings: Settings,
    *,
    at: datetime,
    keep: timedelta = KEEP,
    min_files: int = _FEW,
    datasets: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Compacts tables, expires old snapshots and sweeps orphans; numbers of files by table.

    Safe beside loads, readers and itself: a commit that meets another one's is tried again by Iceberg,
    and one process at a time maintains.

    Args:
        settings: Names the stores.
        at: Instant of the run.
        keep: How long a snapshot stays after another replaced it; longer than any read takes.
        min_files: Small files of one bucket from which they are compacted.
        datasets: Whose tables; all when none is named.
    """
    spark = session.connect(settings)
    tables.ensure(spark)
    names = datasets or sorted(dataset for dataset, _, _ in tables.schemas())
    with locks.held(ops.engine(settings), "maintain"):
        done = {name: _one(spark, tables.name(name), keep, min_files) for name in names}
    return {"at": at.isoformat(), "batch_id": None, "tables": done}


def _one(spark: SparkSession, name: str, keep: timedelta, min_files: int) -> dict[str, int]:
    # The store's own clock stamps snapshots and files: their age is not the calendar's of the sources.
    now = datetime.now(UTC)  # noqa: TID251
    spark.catalog.refreshTable(name)
    rewritten = spark.sql(
        f"{_SYSTEM}.rewrite_data_files(table => '{name}', options => map('min-input-files', '{min_files}'))"
    ).collect()[0]
    expired = expire(spark, name, now - keep)
    orphans = spark.sql(
        f"{_SYSTEM}.remove_orphan_files(table => '{name}', prefix_listing => true, "
        f"older_than => {_stamp(now - _ORPHAN_AGE)})"
    ).collect()
    return {
        "rewritten_files": int(rewritten["rewritten_data_files_count"]),
        "added_files": int(rewritten["added_data_files_count"]),
        "expired_files": expired,
        "orphan_files": len(orphans),
    }


def expire(spark: SparkSession, name: str, instant: datetime) -> int:
    """Expires the snapshots that another had replaced by an instant; number of data files deleted.

    The one that was current then stays, however old it is: readers may have begun with it until it was
    replaced.
    """
    made = F.max("committed_at").alias("made")
    older = spark.table(f"{name}.snapshots").where(F.col("committed_at") <= F.lit(instant)).agg(made)
    current_then: datetime | None = older.toArrow().to_pylist()[0]["made"]
    if current_then is None:
        return 0
    told = spark.sql(
        f"{_SYSTEM}.expire_snapshots(table => '{name}', older_than => {_stamp(current_then)})"
    ).collect()[0]
    return int(told["deleted_data_files_count"])


def expire_replaced(spark: SparkSession, name: str) -> None:
    """Expires every snapshot but the current one, by number: no clock is asked.

    Raises:
        IntegrityFault: One of them is there still.
    """

    def known() -> set[int]:
        spark.catalog.refreshTable(name)
        return {row[0] for row in spark.table(f"{name}.snapshots").select("snapshot_id").collect()}

    main = spark.table(f"{name}.refs").where(F.col("name") == "main").select("snapshot_id")
    replaced = known() - {row[0] for row in main.collect()}
    if not replaced:
        return
    numbers = ", ".join(f"{number}L" for number in sorted(replaced))
    spark.sql(f"{_SYSTEM}.expire_snapshots(table => '{name}', snapshot_ids => array({numbers}))").collect()
    if left := replaced & known():
        raise IntegrityFault(
            f"{len(left)} snapshots of {name} that were to be expired are there still.",
            "do again what expired them; a branch or tag on a snapshot keeps it.",
        )


def _stamp(instant: datetime) -> str:
    return f"TIMESTAMP '{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC'"
