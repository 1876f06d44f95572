"""Tables of the lake: what there is, appends with evidence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from weakref import WeakKeyDictionary

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from schemas.contract import REGISTERS
from schemas.derive import iceberg
from schemas.derive import spark as derive
from schemas.facts import DISPOSITION, ENTITY, FACT, VERSION, old_columns
from schemas.registry import CORE, FOLDED

CATALOGUE = "lake"
EVIDENCE = "lienthong.batch"
_WHOLE: WeakKeyDictionary[SparkSession, set[tuple[str, ...]]] = WeakKeyDictionary()
"""Tables, with their columns, that a session has seen to lack none: no verb takes a column away."""
_BATCH = T.StructType(
    [T.StructField("batch_id", T.LongType(), metadata={"comment": "Batch that wrote the row."})]
)


def name(dataset: str) -> str:
    """Full name of a dataset's table."""
    return f"{CATALOGUE}.{dataset}"


def schemas() -> Iterator[tuple[str, T.StructType, str | None]]:
    """Every table: its dataset, its columns, and the column that its files are bucketed by."""
    for core in CORE:
        yield core.dataset(), T.StructType(_BATCH.fields + derive.schema(core).fields), None
    for contract in FOLDED:
        payload = derive.schema(contract).fields
        old = [
            T.StructField(old, derive.spark_type(contract.field(old.removeprefix("old_")).domain))
            for old in old_columns(contract)
        ]
        facts = T.StructType(derive.technical(FACT).fields + payload + old)
        yield contract.dataset("core"), facts, "aggregate_key"
        yield (
            contract.dataset("curated"),
            T.StructType(derive.technical(VERSION).fields + payload),
            "aggregate_key",
        )
    for register in REGISTERS:
        yield f"curated.{register.value}_dispositions", derive.technical(DISPOSITION), None
        yield f"curated.{register.value}_entities", derive.technical(ENTITY), None


def ensure(spark: SparkSession, datasets: Collection[str] | None = None) -> None:
    """Creates the missing tables, and the columns that the present ones lack: some datasets' or all."""
    chosen = [one for one in schemas() if datasets is None or one[0] in datasets]
    present: set[str] = set()
    whole = _WHOLE.setdefault(spark, set())
    namespaces = {row[0] for row in spark.sql(f"SHOW NAMESPACES IN {CATALOGUE}").collect()}
    for layer in sorted({dataset.partition(".")[0] for dataset, _, _ in chosen}):
        if layer not in namespaces:
            spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {CATALOGUE}.{layer}")
        present |= {
            f"{layer}.{row.tableName}" for row in spark.sql(f"SHOW TABLES IN {CATALOGUE}.{layer}").collect()
        }

    def complete(table: tuple[str, T.StructType, str | None]) -> None:
        dataset, schema, bucket = table
        if dataset not in present:
            spark.sql(iceberg.create_statement(name(dataset), schema, bucket_by=bucket))
            return
        shape = (dataset, *schema.names)
        if shape in whole:
            return
        known = set(spark.table(name(dataset)).columns)
        lacking = [field for field in schema.fields if field.name not in known]
        if lacking:
            spark.sql(iceberg.widen_statement(name(dataset), lacking))
        whole.add(shape)

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(complete, chosen))


def refresh(spark: SparkSession, datasets: Iterable[str]) -> None:
    """Lets a session see the tables as they are now.

    It shows a table for half a minute as it read it last, whoever has written since: a merge would take a
    batch of another process for one without facts.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(spark.catalog.refreshTable, map(name, datasets)))


def missing(spark: SparkSession, layer: str) -> list[str]:
    """Datasets of a layer whose tables the lake lacks, in order."""
    present = {f"{layer}.{row.tableName}" for row in spark.sql(f"SHOW TABLES IN {name(layer)}").collect()}
    return sorted(
        dataset for dataset, _, _ in schemas() if dataset.startswith(f"{layer}.") and dataset not in present
    )


def has_batch(spark: SparkSession, dataset: str, batch_id: int) -> bool:
    """Whether the table holds the batch: a snapshot names it, or rows carry it where that one has expired.

    A batch is one commit per table, so a row of it is evidence of them all. A batch that wrote no row
    into the table and whose snapshot has expired counts as not written; writing it again adds none.
    """
    table = name(dataset)
    refresh(spark, [dataset])
    snapshots = spark.table(f"{table}.snapshots").where(F.col("summary").getItem(EVIDENCE) == str(batch_id))
    rows = spark.table(table).where(F.col("batch_id") == batch_id)
    return any(bool(found.limit(1).collect()) for found in (snapshots, rows))


def written(spark: SparkSession, datasets: Iterable[str], batch_id: int) -> dict[str, int]:
    """Rows that each table's newest commit of a batch says it added; a table without one is left out."""
    commits = [
        spark.table(f"{name(dataset)}.snapshots")
        .where(F.col("summary").getItem(EVIDENCE) == str(batch_id))
        .select(
            F.lit(dataset).alias("dataset"),
            "committed_at",
            F.coalesce(F.col("summary").getItem("added-records"), F.lit("0")).cast("long").alias("rows"),
        )
        for dataset in datasets
    ]
    newest = F.max_by("rows", "committed_at").alias("rows")
    found = reduce(DataFrame.unionAll, commits).groupBy("dataset").agg(newest).collect()
    return {row["dataset"]: row["rows"] for row in found}


def append(
    rows: DataFrame,
    dataset: str,
    batch_id: int,
    *,
    is_fresh: bool,
    require_open: Callable[[], None],
    evidence: Mapping[str, str] | None = None,
) -> None:
    """Writes a batch's rows in one commit whose summary names it; a table that has the batch is left alone.

    The commit replaces what the table holds of the batch. So a second process that carries out the same
    batch, because the first lost its lock and does not know it, cannot double the rows.

    Args:
        rows: All rows of the batch.
        dataset: The table's dataset.
        batch_id: The batch.
        is_fresh: Whether this process planned the batch, so that no table can have it yet.
        require_open: Raises where another process has committed the batch meanwhile.
        evidence: More entries for the commit's summary.
    """
    require_open()
    if not is_fresh and has_batch(rows.sparkSession, dataset, batch_id):
        return
    writer = rows.writeTo(name(dataset)).option(f"snapshot-property.{EVIDENCE}", str(batch_id))
    for key, value in (evidence or {}).items():
        writer = writer.option(f"snapshot-property.lienthong.{key}", value)
    writer.overwrite(F.col("batch_id") == batch_id)
