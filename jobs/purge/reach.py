"""What an erasure takes out of the lake, table by table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.lake import evidence, tables
from jobs.ops.erasures import REFUSED, Erasure, rows_of
from jobs.session import checkpoint
from schemas.contract import REGISTERS, Register
from schemas.core.landed import PLACE
from schemas.registry import ROWS, folded


@dataclass(frozen=True, slots=True)
class Gone:
    """The rows of one table that an erasure takes out: those that have one of the keys."""

    dataset: str
    keys: DataFrame

    def of(self, rows: DataFrame) -> DataFrame:
        """Those of the table's rows that go."""
        return rows.join(F.broadcast(self.keys), self.keys.columns, "left_semi")

    def delete(self, spark: SparkSession) -> None:
        """Deletes them in one commit; nothing is committed where none is left."""
        self.keys.createOrReplaceTempView("erased_keys")
        same = " AND ".join(f"k.{name} = t.{name}" for name in self.keys.columns)
        spark.sql(
            f"DELETE FROM {tables.name(self.dataset)} AS t "  # noqa: S608  (names are of contracts)
            f"WHERE EXISTS (SELECT 1 FROM erased_keys AS k WHERE {same})"
        )


def rows_gone(gone: Sequence[Gone], rows: DataFrame, how: str = "left_semi") -> DataFrame:
    """Those of landed rows that go, whatever dataset they are in; those that stay with ``left_anti``."""
    datasets = {contract.dataset() for contract in ROWS}
    keys = reduce(DataFrame.unionAll, [one.keys for one in gone if one.dataset in datasets])
    return rows.join(F.broadcast(keys), keys.columns, how)


def reach(spark: SparkSession, erasure: Erasure) -> Iterator[Gone]:
    """What an erasure takes out, in the order in which it must be deleted: what is found by others last.

    Of the curated layer the versions that a fact of the erased places began, ended or gave a value,
    with their withdrawals; the entities of which no other fact tells; the dispositions. Of core every
    row, finding and fact of those places that was written before landing had them no more.
    """
    rows = [
        (submission, int(number), row)
        for submission, number, row in rows_of(erasure.places)
        if not number.startswith(REFUSED)
    ]
    places = checkpoint(spark.createDataFrame(rows, "submission_id string, object_no bigint, row_no bigint"))
    for register in REGISTERS:
        yield from _of_register(spark, register, places)
    for dataset in evidence.CORE:
        written = spark.table(tables.name(dataset)).where(F.col("batch_id") <= erasure.upto)
        mine = written.join(F.broadcast(places), [*PLACE], "left_semi")
        yield Gone(dataset, checkpoint(mine.select("batch_id", *PLACE).distinct()))


def _of_register(spark: SparkSession, register: Register, places: DataFrame) -> Iterator[Gone]:
    name = f"curated.{register.value}"
    log = spark.table(tables.name(f"{name}_dispositions"))
    facts = checkpoint(log.join(F.broadcast(places), [*PLACE], "left_semi").select("fact_id").distinct())
    for contract in folded(register):
        yield Gone(contract.dataset("curated"), _versions(spark, contract.dataset("curated"), facts))
    mine = log.join(F.broadcast(facts), "fact_id", "left_semi").select("aggregate_key").distinct()
    others = log.join(F.broadcast(facts), "fact_id", "left_anti").select("aggregate_key")
    yield Gone(f"{name}_entities", checkpoint(mine.join(others, "aggregate_key", "left_anti")))
    yield Gone(f"{name}_dispositions", facts)


def _versions(spark: SparkSession, dataset: str, facts: DataFrame) -> DataFrame:
    """Digests of the versions in which one of the facts has a part."""
    winners = F.split(F.substring_index("sources", "|", 1), ",")
    parts = F.concat(F.array("begun_by", F.coalesce("ended_by", F.lit(""))), winners)
    told = spark.table(tables.name(dataset)).select("version_digest", F.explode(parts).alias("fact_id"))
    mine = told.join(F.broadcast(facts), "fact_id", "left_semi")
    return checkpoint(mine.select("version_digest").distinct())
