"""History of the registers against the assertion log of the lake, row by row in content and recorded time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

import sqlalchemy as sa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from jobs.lake import evidence
from jobs.lake.evidence import digest_of
from jobs.ledger.book import Book
from jobs.ledger.curated import log_of
from jobs.ledger.difference import Audit, Difference, keyed
from schemas.contract import Contract, Kind
from schemas.derive import spark as derive
from schemas.derive import sql
from schemas.registry import FOLDED

LAYER = "registers"
_VERSION = [
    ("version_digest", Kind.TEXT),
    ("batch_id", Kind.INTEGER),
    ("recorded_from", Kind.INSTANT),
    ("recorded_to", Kind.INSTANT),
]
"""What a row of history is compared by: its digest covers the rest."""
_BEGINNING = 3
"""Hexadecimal digits by which rows are narrowed down."""
Sums = dict[tuple[str, int], tuple[int, str]]
"""Number and digest of history rows by dataset and asserting batch."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Loads of batches that ops had not committed when it was read: their rows are not compared yet."""

    recorded: Mapping[int, datetime]

    def hidden(self, history: sa.Table) -> sa.ColumnElement[bool]:
        """Whether a row of history was asserted by such a batch."""
        return history.c.batch_id.in_(sorted(self.recorded))

    def until(self, history: sa.Table) -> sa.ColumnElement[datetime]:
        """When a row was withdrawn, as of the batches that are read."""
        later = history.c.recorded_to.in_(sorted(self.recorded.values()))
        return sa.case((later, sa.null()), else_=history.c.recorded_to)


@dataclass(frozen=True, slots=True)
class Reading:
    """One dataset's history in its register, and the lake to compare it with."""

    spark: SparkSession
    connection: sa.Connection
    contract: type[Contract]
    unread: Unread

    @property
    def name(self) -> str:
        """The table's name with its register."""
        return f"{self.contract.info.register.value}.{self.contract.info.noun}_history"

    def rows(self) -> sa.Subquery:
        """Rows that are compared, with the digest recomputed from each."""
        register, noun = self.contract.info.register, self.contract.info.noun
        history = sql.metadata(register).tables[f"{noun}_history"]
        return (
            sa.select(
                history.c.entity_id,
                history.c.version_digest.label("stored"),
                sql.row_digest(history, evidence.digest_columns(self.contract)).label("version_digest"),
                history.c.batch_id,
                history.c.recorded_from,
                self.unread.until(history).label("recorded_to"),
            )
            .where(~self.unread.hidden(history))
            # Without the fence the planner would inline the digest, and compute it at each mention.
            .offset(0)
            .subquery()
        )


def check(audit: Audit, reading: Reading, expected: Sums) -> Iterator[Difference]:
    """Differences between one dataset's history and the log.

    Args:
        audit: The verification.
        reading: The dataset.
        expected: What ``asserted`` gave.
    """
    rows = reading.rows()
    whole = _digest(rows)
    query = sa.select(
        rows.c.batch_id,
        sa.func.count().label("rows"),
        sa.func.min(sa.case((rows.c.stored != rows.c.version_digest, rows.c.entity_id))).label("altered"),
        *[one.label(f"digest_{place}") for place, one in enumerate(sql.digest_sums(whole))],
    ).group_by(rows.c.batch_id)
    dataset = reading.contract.dataset("curated")
    found: Sums = {}
    for row in reading.connection.execute(query.order_by(rows.c.batch_id)).mappings():
        audit.count(LAYER, "history rows", row["rows"])
        found[dataset, row["batch_id"]] = (row["rows"], digest_of(row))
        if row["altered"] is not None:
            where = f"{reading.name}, batch {row['batch_id']}, entity {row['altered']}"
            yield Difference(where, "version_digest", "the digest of its row", "another digest")
    mine = {key: value for key, value in expected.items() if key[0] == dataset}
    for number in sorted(batch for _, batch in {**mine, **found}):
        yield from _batch(
            audit.book, reading, number, mine.get((dataset, number)), found.get((dataset, number))
        )


def _batch(
    book: Book, reading: Reading, number: int, log: tuple[int, str] | None, found: tuple[int, str] | None
) -> Iterator[Difference]:
    """Differences in the rows that one batch asserted; the first entity that differs is named."""
    nothing = (0, "")
    for one in keyed(
        lambda name: name,
        ("rows", "digest of rows"),
        {f"{reading.name}, batch {number}": log or nothing},
        {f"{reading.name}, batch {number}": found or nothing},
    ):
        entity = _odd(book, reading, number)
        yield replace(one, where=f"{one.where}, entity {entity}") if entity else one


def _digest(rows: sa.Subquery) -> sa.ColumnElement[str]:
    return sql.row_digest(rows, _VERSION)


def _odd(book: Book, reading: Reading, number: int) -> str | None:
    """Entity of the first row of a batch that only history or only the log has.

    Rows are summed by the beginning of their digest, and fetched for the first beginning that
    differs alone.
    """
    known = asserted_rows(reading.spark, book, reading.contract).where(F.col("batch_id") == number)
    whole = reading.rows()
    mine = sa.select(whole).where(whole.c.batch_id == number).subquery()
    beginning = sa.func.left(mine.c.version_digest, _BEGINNING)
    query = sa.select(beginning, sa.func.count(), *sql.digest_sums(_digest(mine))).group_by(beginning)
    here = {row[0]: tuple(row[1:]) for row in reading.connection.execute(query)}
    sums = (
        known.groupBy(F.left("version_digest", F.lit(_BEGINNING)).alias("beginning"))
        .agg(F.count(F.lit(1)), *derive.digest_sums(derive.row_digest(_VERSION)))
        .toArrow()
    )
    there = {row["beginning"]: tuple(row.values())[1:] for row in sums.to_pylist()}
    odd = min((key for key in {*here, *there} if here.get(key) != there.get(key)), default=None)
    if odd is None:
        return None
    names = ["entity_id", *[name for name, _ in _VERSION]]
    rows = reading.connection.execute(sa.select(*[mine.c[name] for name in names]).where(beginning == odd))
    log = known.where(F.col("version_digest").startswith(odd)).select(*names).toArrow().to_pylist()
    different = {tuple(row) for row in rows} ^ {tuple(row.values()) for row in log}
    return min((str(row[0]) for row in different), default=None)


def asserted(spark: SparkSession, book: Book) -> Sums:
    """What the assertion log says that history holds, by dataset and asserting batch; one query."""
    frames = [asserted_rows(spark, book, contract) for contract in FOLDED]
    grouped = (
        reduce(DataFrame.unionAll, frames)
        .groupBy("dataset", "batch_id")
        .agg(F.count(F.lit(1)).alias("rows"), *derive.digest_sums(derive.row_digest(_VERSION)))
    )
    return {
        (row["dataset"], row["batch_id"]): (row["rows"], digest_of(row))
        for row in grouped.toArrow().to_pylist()
    }


def asserted_rows(spark: SparkSession, book: Book, contract: type[Contract]) -> DataFrame:
    """Rows of history as the log has them: each assertion, until the withdrawal that follows it."""
    order = Window.partitionBy("version_digest").orderBy("batch_id")
    log = log_of(spark, book, contract).select(
        F.lit(contract.dataset("curated")).alias("dataset"),
        "entity_id",
        "operation",
        "version_digest",
        "batch_id",
        "recorded_from",
    )
    closed = log.withColumn("recorded_to", F.lead("recorded_from").over(order))
    return closed.where(F.col("operation") == "assert").drop("operation")
