"""What the lake holds of a batch, table by table: numbers of rows and digests of the rows.

A batch keeps it in its receipt when it is read back; ``verify`` takes it from the tables again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.errors import IntegrityFault
from jobs.lake import tables
from schemas import registry
from schemas.contract import Contract, Kind, Register
from schemas.derive import python as oracle
from schemas.derive import spark as derive
from schemas.facts import VERSION
from schemas.registry import FOLDED, folded

NOT_CONTENT = ("batch_id", "operation", "version_digest", "recorded_from")
"""Columns of an assertion log that a version's digest leaves out."""
Parts = Mapping[str, Sequence[str]]
"""Tables with the columns that part their rows."""
Chosen = Callable[[str, DataFrame], DataFrame]
_KINDS: Mapping[type[T.DataType], Kind] = {
    T.StringType: Kind.TEXT,
    T.LongType: Kind.INTEGER,
    T.DecimalType: Kind.DECIMAL,
    T.DateType: Kind.DATE,
    T.TimestampType: Kind.INSTANT,
    T.BooleanType: Kind.BOOLEAN,
}
CORE: Parts = dict.fromkeys(
    (*(contract.dataset() for contract in registry.CORE), *(contract.dataset("core") for contract in FOLDED)),
    ("submission_id",),
)
"""Tables that a conform batch writes."""


def digest_columns(contract: type[Contract]) -> list[tuple[str, Kind]]:
    """Columns of a version that its digest covers, with their kinds."""
    technical = [(column.name, column.domain.kind) for column in VERSION if column.name not in NOT_CONTENT]
    return technical + [(field.name, field.domain.kind) for field in contract.fields]


def curated(register: Register) -> Parts:
    """Tables that a merge batch of a register writes."""
    logs: dict[str, Sequence[str]] = {c.dataset("curated"): ("operation",) for c in folded(register)}
    return logs | {
        f"curated.{register.value}_dispositions": ("previous", "disposition"),
        f"curated.{register.value}_entities": (),
    }


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one batch in one table that share the values of the parting columns."""

    table: str
    batch_id: int
    values: tuple[str | None, ...]
    rows: int
    digest: str


def parts(
    spark: SparkSession, of: Parts, batch_ids: Sequence[int], only: Chosen = lambda _, rows: rows
) -> list[Part]:
    """The parts that the tables hold of some batches, in order; one query for all tables.

    Args:
        spark: The session.
        of: Tables with the columns that part their rows.
        batch_ids: The batches.
        only: Chooses among the rows of a table.
    """
    if not batch_ids:
        return []
    frames = [_digests(spark, table, names, batch_ids, only) for table, names in of.items()]
    grouped = (
        reduce(DataFrame.unionAll, frames)
        .groupBy("table", "batch_id", "part")
        .agg(F.count(F.lit(1)).alias("rows"), *derive.digest_sums(F.col("digest")))
    )
    found = [
        Part(row["table"], row["batch_id"], tuple(row["part"]), row["rows"], digest_of(row))
        for row in grouped.toArrow().to_pylist()
    ]
    return sorted(found, key=lambda one: (one.batch_id, one.table, [str(value) for value in one.values]))


def require_whole(
    spark: SparkSession, of: Collection[str], batch_id: int, held: Sequence[Part], known: Mapping[str, int]
) -> None:
    """Compares what the tables hold of a batch with what its commits say they wrote.

    A commit that a store acknowledged and did not keep leaves no row, so what is read back is not enough.
    Rows whose commit has expired are evidence of it (``tables.has_batch``).

    Args:
        spark: A session.
        of: The tables that the batch was written to.
        batch_id: The batch.
        held: What was read back.
        known: Numbers of rows that a table must hold, where they are known from elsewhere.

    Raises:
        IntegrityFault: A commit is missing, or a table holds another number of rows.
    """
    committed, rows = tables.written(spark, of, batch_id), rows_by_table(held)
    for table in of:
        found = rows.get(table, 0)
        if table not in committed and not found:
            raise IntegrityFault(f"batch {batch_id}: {table} has no commit of it.", "run it again.")
        mine = committed.get(table, found)
        if {mine, found} != {known.get(table, mine)}:
            wanted = f"; {known[table]} were landed" if table in known else ""
            raise IntegrityFault(
                f"batch {batch_id}: {table} has {found} of its {mine} rows{wanted}.",
                "lienthong ledger verify names what differs; rebuild the home if the lake lost rows.",
            )


def digest_of(row: Mapping[Any, Any], prefix: str = "digest") -> str:
    """The digest that the four sums of an aggregated row make."""
    return oracle.combine([row[f"{prefix}_{place}"] for place in range(4)])


def _digests(
    spark: SparkSession, table: str, names: Sequence[str], batch_ids: Sequence[int], only: Chosen
) -> DataFrame:
    parting = [F.col(name).cast("string") for name in names]
    rows = only(table, spark.table(tables.name(table)).where(F.col("batch_id").isin(*batch_ids)))
    return rows.select(
        F.lit(table).alias("table"),
        "batch_id",
        F.array(*parting).cast("array<string>").alias("part"),
        derive.row_digest(_columns()[table]).alias("digest"),
    )


@cache
def _columns() -> dict[str, list[tuple[str, Kind]]]:
    """Columns of every table that its digest covers, with their kinds, in the table's order.

    Of an assertion log those that a version's own digest leaves out, and that digest.
    """
    logs = {contract.dataset("curated") for contract in FOLDED}
    return {
        dataset: [
            (field.name, _KINDS[type(field.dataType)])
            for field in schema.fields
            if dataset not in logs or field.name in NOT_CONTENT
        ]
        for dataset, schema, _ in tables.schemas()
    }


def told(found: Iterable[Part]) -> dict[str, list[list[Any]]]:
    """The parts of one batch as its receipt keeps them: by table, (values, rows, digest)."""
    receipt: dict[str, list[list[Any]]] = {}
    for one in found:
        receipt.setdefault(one.table, []).append([list(one.values), one.rows, one.digest])
    return receipt


def kept(batch_id: int, receipt: Mapping[str, Sequence[Sequence[Any]]]) -> list[Part]:
    """The parts that a receipt keeps."""
    return [
        Part(table, batch_id, tuple(values), rows, digest)
        for table, entries in receipt.items()
        for values, rows, digest in entries
    ]


def rows_by_table(found: Iterable[Part]) -> dict[str, int]:
    """Numbers of rows by table."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.table] = counts.get(one.table, 0) + one.rows
    return counts
