"""The lake is maintained beside a load: rows, evidence and what readers see stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import extract, objects, ops, session
from jobs.conform import run as conforming
from jobs.lake import evidence, tables
from jobs.lake.evidence import Part
from jobs.lake.maintenance import maintain
from jobs.ledger.verify import verify
from jobs.merge import plan
from jobs.merge import run as merging
from jobs.ops import batches
from jobs.settings import Settings
from schemas.contract import REGISTERS
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day

DOSSIERS, LAND = "core.dossiers", "curated.land_dispositions"
NAMES = (DOSSIERS, "core.land_rights", LAND, "curated.land_rights")
"""Tables that are maintained: of each layer one that is bucketed and one that is not."""


@pytest.fixture(scope="module")
def lived(line: Line) -> Line:
    """The worked example's baseline, compacted; the files from before are still there."""
    w.baseline(line)
    maintain(line.settings, at=at_day(0), min_files=2, datasets=NAMES)
    return line


def deliver(line: Line, number: int, rows: list[dict[str, object] | str]) -> None:
    """Puts a day's file into the inbox."""
    (line.inbox("01") / f"s{number}.ndjson.gz").write_bytes(ndjson(rows))


def load(settings: Settings, at: datetime) -> None:
    """Pulls, conforms and merges; in a process of its own it has a session of its own."""
    extract.pull(settings, feed_id=w.FEED, at=at)
    conforming.run(settings, at=at)
    for register in REGISTERS:
        merging.run(settings, register=register.value, at=at)
    session.disconnect()


def held(line: Line) -> list[Part]:
    """What the lake holds of every batch that is committed now, by numbers and digests."""
    done = [one.batch_id for one in batches.committed(ops.engine(line.settings))]
    whole = evidence.CORE | {k: v for one in REGISTERS for k, v in evidence.curated(one).items()}
    return evidence.parts(session.connect(line.settings), whole, done)


def current(spark: SparkSession) -> dict[str, int]:
    """Each table's snapshot now."""
    newest = F.max_by("snapshot_id", "committed_at").alias("one")
    return {name: snapshots(spark, name).agg(newest).collect()[0].one for name in NAMES}


def snapshots(spark: SparkSession, name: str) -> DataFrame:
    """The snapshots that a table still has."""
    return spark.table(f"{tables.name(name)}.snapshots")


def named(spark: SparkSession, dataset: str, batch_id: int) -> int:
    """Snapshots of a table that name a batch."""
    mine = F.col("summary").getItem(tables.EVIDENCE) == str(batch_id)
    return snapshots(spark, dataset).where(mine).count()


def test_a_load_and_maintenance_go_on_beside_each_other(lived: Line) -> None:
    spark = session.connect(lived.settings)
    deliver(lived, 1, w.S1)
    before, standing = held(lived), current(spark)
    begun = datetime.now(UTC)
    done: list[Mapping[str, Mapping[str, int]]] = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        loading = processes.submit(load, lived.settings, at_day(1))
        while not loading.done():
            keep = datetime.now(UTC) - begun
            told = maintain(lived.settings, at=at_day(1), keep=keep, min_files=2, datasets=NAMES)
            done.append(told["tables"])
        loading.result()
    session.disconnect()  # A session may show a table for half a minute as it read it last.
    spark = session.connect(lived.settings)
    sums = {
        what: sum(table[what] for run in done for table in run.values())
        for what in ("rewritten_files", "added_files", "expired_files")
    }
    assert sums["rewritten_files"] > sums["added_files"] > 0
    assert sums["expired_files"] > 0
    numbers = {one.batch_id for one in before}
    assert [one for one in held(lived) if one.batch_id in numbers] == before
    for name, snapshot in standing.items():
        assert snapshots(spark, name).where(F.col("snapshot_id") == snapshot).count() == 1, name
    assert lived.rows(w.FEED) == (1, 1, 1, 1, 0, 2)
    assert lived.facts(w.FEED) == (4, 0, 0, 0, 0)


@pytest.mark.long
def test_an_unfinished_batch_is_known_by_its_rows_when_its_snapshots_have_expired(lived: Line) -> None:
    """A merge and a conform end before ops has noted them; then the lake is maintained."""
    settings, engine, spark = lived.settings, ops.engine(lived.settings), session.connect(lived.settings)
    deliver(lived, 2, w.S2)
    lived.pull(w.FEED, at_day(2))
    lived.conform(at_day(2))
    members = plan.pending(engine, "land") or {}
    merge = batches.plan(engine, kind="merge", register="land", at=at_day(2), members=members)
    merging.carry_out(settings, engine, merge)
    deliver(lived, 3, w.S3)
    lived.pull(w.FEED, at_day(3))
    taken, _ = conforming.pending(settings, engine, None)
    conform = batches.plan(
        engine, kind="conform", register=None, at=at_day(3), members={"submissions": taken, "corrections": []}
    )
    conforming.carry_out(settings, engine, conform)
    for _ in range(2):  # What the first compacts, the second finds replaced.
        maintain(settings, at=at_day(3), keep=timedelta(0), min_files=2, datasets=NAMES)
    assert named(spark, DOSSIERS, conform.batch_id) == named(spark, LAND, merge.batch_id) == 0
    assert lived.conform(at_day(3))["batch_id"] == conform.batch_id
    lived.merge(at_day(3))
    told = verify(settings)
    assert told["first_difference"] is None
    assert told["checked"]["core"]["rows"] == told["checked"]["landing"]["rows"] == sum(lived.rows())
    assert told["rows_per_second"] > 0


def test_no_file_of_a_table_is_an_orphan_however_old(lived: Line) -> None:
    spark, store = session.connect(lived.settings), objects.client(lived.settings)
    for name in (DOSSIERS, LAND):
        described = spark.sql(f"DESCRIBE EXTENDED {tables.name(name)}").where("col_name = 'Location'")
        bucket, _, folder = described.collect()[0].data_type.removeprefix("s3://").partition("/")
        strange = f"{folder}/data/left-behind.parquet"
        objects.put(store, bucket, strange, b"of a commit that never came")
        listed = [(f"s3://{bucket}/{key}",) for key in objects.keys(store, bucket, f"{folder}/")]
        old = spark.createDataFrame(listed, "file_path string").select(
            "file_path", F.expr("TIMESTAMP '2020-01-01 00:00:00'").alias("last_modified")
        )
        old.createOrReplaceTempView("every_file")
        found = spark.sql(
            f"CALL lake.system.remove_orphan_files(table => '{tables.name(name)}', "
            "file_list_view => 'every_file', dry_run => true)"
        )
        orphans = {row[0] for row in found.collect()}
        needed = spark.table(f"{tables.name(name)}.metadata_log_entries").select("file").collect()
        assert orphans.isdisjoint(row.file for row in needed)
        # Versions of the metadata older than its own log are no longer the table's either.
        left = {path for path in orphans if not path.endswith(".metadata.json")}
        assert left == {f"s3://{bucket}/{strange}"}
        store.remove_object(bucket_name=bucket, object_name=strange)
