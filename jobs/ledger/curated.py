"""Layer ``curated``: dispositions against live facts, assertions against their digests and receipts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from jobs import session
from jobs.lake import evidence, tables
from jobs.lake.evidence import Part
from jobs.ledger.book import Book, Noted
from jobs.ledger.core import parts_kept
from jobs.ledger.difference import Audit, Difference, keyed, lost_tables
from jobs.merge import changes
from schemas.contract import REGISTERS, Contract, Register
from schemas.derive import spark as derive
from schemas.facts import FACT_DISPOSITIONS
from schemas.registry import FOLDED, folded

LAYER = "curated"


def check(audit: Audit) -> Iterator[Difference]:
    """Differences between curated, the live facts and the receipts of merge batches."""
    spark = session.connect(audit.settings)
    if not audit.book.committed("merge"):
        return
    yield from lost_tables(spark, LAYER)
    audit.step(LAYER, "receipts", 0, 3)
    found = _parts(spark, audit)
    yield from _receipts(audit, found)
    audit.step(LAYER, "assertions", 1, 3)
    yield from _assertions(spark, audit)
    audit.step(LAYER, "facts", 2, 3)
    yield from _facts(spark, audit, found)


def _parts(spark: SparkSession, audit: Audit) -> dict[int, list[Part]]:
    """What the tables hold of every committed batch."""
    numbers = [batch.batch_id for batch in audit.book.committed("merge")]
    tables_of: dict[str, Sequence[str]] = {}
    for register in REGISTERS:
        tables_of |= evidence.curated(register)
    found: dict[int, list[Part]] = {}
    for part in evidence.parts(spark, tables_of, numbers):
        found.setdefault(part.batch_id, []).append(part)
    return found


def _receipts(audit: Audit, found: Mapping[int, Sequence[Part]]) -> Iterator[Difference]:
    """What each batch's receipt keeps = what its tables hold."""
    for batch, result in audit.book.results("merge"):
        audit.count(LAYER, "batches")
        mine = found.get(batch.batch_id, [])
        yield from parts_kept(batch.batch_id, result.get("evidence", {}), mine)
        yield from _counts_kept(batch, result, mine)


def _counts_kept(batch: Noted, result: Mapping[str, Any], found: Sequence[Part]) -> Iterator[Difference]:
    """The counts that a receipt shows = the recount."""
    register = Register(str(batch.register))
    where = f"batches.result of merge batch {batch.batch_id}"
    counted = changes.counts(_moves(register, found))
    yield from keyed(
        lambda name: f"{where}, facts {name}",
        ("number",),
        {name: (value,) for name, value in counted.items()},
        {name: (result.get(name),) for name in counted},
    )
    rows = {(one.table, str(one.values[0])): one.rows for one in found if one.values}
    for contract in folded(register):
        told = result["assertions"][contract.info.noun]
        recounted = {name: (rows.get((contract.dataset("curated"), name), 0),) for name in told}
        yield from keyed(
            lambda name, noun=contract.info.noun: f"{where}, assertions of {noun}, {name}",  # type: ignore[misc]
            ("rows",),
            recounted,
            {name: (number,) for name, number in told.items()},
        )


def _moves(register: Register, found: Iterable[Part]) -> list[tuple[str | None, str, int]]:
    """Numbers of facts by their disposition before and after."""
    log = f"curated.{register.value}_dispositions"
    return [(one.values[0], str(one.values[1]), one.rows) for one in found if one.table == log]


def log_of(spark: SparkSession, book: Book, contract: type[Contract]) -> DataFrame:
    """A dataset's assertion log as committed batches wrote it."""
    numbers = [one.batch_id for one in book.committed("merge", contract.info.register.value)]
    table = spark.table(tables.name(contract.dataset("curated")))
    return table.where(F.col("batch_id").isin(*numbers) if numbers else F.lit(False))


def _assertions(spark: SparkSession, audit: Audit) -> Iterator[Difference]:
    """Every version's digest is that of its row; a version is asserted, withdrawn, asserted, in turn."""
    frames = [
        log_of(spark, audit.book, contract).select(
            F.lit(contract.dataset("curated")).alias("dataset"),
            "batch_id",
            "entity_id",
            "operation",
            "version_digest",
            derive.row_digest(evidence.digest_columns(contract)).alias("own"),
        )
        for contract in FOLDED
    ]
    order = Window.partitionBy("dataset", "version_digest").orderBy("batch_id")
    before = F.lag("operation").over(order)
    turn = F.when(F.col("operation") == "assert", F.coalesce(before, F.lit("withdraw")) == "withdraw")
    marked = reduce(DataFrame.unionAll, frames).withColumns(
        {
            "is_own": F.col("own") == F.col("version_digest"),
            "in_turn": turn.otherwise(F.coalesce(before, F.lit("none")) == "assert"),
        }
    )
    audit.count(LAYER, "log rows", 0)
    totals = marked.groupBy("dataset").agg(
        F.count(F.lit(1)).alias("rows"),
        _first(~F.col("is_own"), "not_own"),
        _first(~F.col("in_turn"), "not_in_turn"),
    )
    for row in totals.orderBy("dataset").toArrow().to_pylist():
        audit.count(LAYER, "log rows", row["rows"])
        for name, what, expected, found in (
            ("not_own", "version_digest", "the digest of its row", "another digest"),
            ("not_in_turn", "operations of a version", "assert and withdraw in turn", "out of turn"),
        ):
            if (first := row[name]) is not None:
                where = f"{row['dataset']}, batch {first['batch_id']}, entity {first['entity_id']}"
                yield Difference(where, what, expected, found)


def _first(wrong: Column, name: str) -> Column:
    """The first row of a group for which a condition holds."""
    place = F.struct("batch_id", "entity_id")
    return F.min(F.when(wrong, place)).alias(name)


@dataclass(frozen=True, slots=True)
class Standing:
    """How some facts of a register stand."""

    disposition: str | None
    """The newest; None for a fact that no merge took."""
    times: int
    """Rows of live core facts that are this fact; 0 when nothing live emits it."""
    is_taken: bool
    """Whether a merge took the live row's conform batch."""
    is_settled: bool
    """Whether a merge took the live conform batch of its submission."""
    facts: int

    def fault(self) -> tuple[str, object, object] | None:
        """What is wrong with such facts: (what, expected, found)."""
        if self.times > 1:
            return "rows of a live fact", 1, self.times
        if self.disposition is None and self.is_taken:
            return "facts without a disposition", 0, self.facts
        if not self.times and self.is_settled and self.disposition != "outdated":
            return f"{self.disposition} facts that no live row emits", 0, self.facts
        return None


def _facts(spark: SparkSession, audit: Audit, parts: Mapping[int, Sequence[Part]]) -> Iterator[Difference]:
    """Facts: emitted = inserted + updated + unchanged + outdated + held; pending ones are outside.

    A live fact of a conform batch that the register took has a disposition; a fact that is live no
    more is outdated as soon as the batch that replaced it was taken. Every change is a pair, so the
    moves of all batches add up to what stands.
    """
    for register in REGISTERS:
        counts: Counter[str] = Counter()
        for one in _standing(spark, audit.book, register):
            if (fault := one.fault()) is not None:
                yield Difference(f"curated.{register.value}_dispositions", *fault)
            counts[one.disposition or "pending"] += one.facts
        yield from _summed(register, counts, _net(_moves(register, chain.from_iterable(parts.values()))))
        for name in (*FACT_DISPOSITIONS, "pending"):
            audit.count(LAYER, name, counts[name])


def _net(moves: Iterable[tuple[str | None, str, int]]) -> Counter[str]:
    """Where moves lead, by disposition."""
    moved: Counter[str] = Counter()
    for before, after, number in moves:
        moved[after] += number
        if before is not None:
            moved[before] -= number
    return moved


def _summed(register: Register, counts: Mapping[str, int], moved: Mapping[str, int]) -> Iterator[Difference]:
    """Facts equation: what stands, by disposition, is what all batches moved there."""
    yield from keyed(
        lambda name: f"curated.{register.value}_dispositions, {name}",
        ("facts",),
        {name: (moved.get(name, 0),) for name in FACT_DISPOSITIONS},
        {name: (number,) for name, number in counts.items() if name != "pending"}
        | {name: (counts.get(name, 0),) for name in FACT_DISPOSITIONS},
    )


def _standing(spark: SparkSession, book: Book, register: Register) -> list[Standing]:
    """All facts of a register by how they stand."""
    live, taken = book.live(), set(book.taken(register.value))
    submissions = spark.createDataFrame(
        [(name, number, number in taken) for name, number in sorted(live.items())],
        "submission_id string, batch_id bigint, is_taken boolean",
    )
    settled = sorted(name for name, number in live.items() if number in taken)
    is_fact = F.col("disposition").isNull()
    whole = (
        _live_facts(spark, register, submissions)
        .unionByName(_dispositions(spark, book, register))
        .groupBy("fact_id")
        .agg(
            F.count(F.when(is_fact, 1)).alias("times"),
            F.max("is_taken").alias("is_taken"),
            F.first("submission_id").alias("submission_id"),
            F.max_by("disposition", F.when(~is_fact, F.col("batch_id"))).alias("disposition"),
        )
    )
    is_settled = F.col("submission_id").isin(*settled) if settled else F.lit(False)
    grouped = (
        whole.withColumn("is_settled", is_settled)
        .groupBy("disposition", "times", "is_taken", "is_settled")
        .agg(F.count(F.lit(1)).alias("facts"))
    )
    found = [Standing(**row) for row in grouped.toArrow().to_pylist()]
    return sorted(found, key=lambda one: (str(one.disposition), one.times))


def _live_facts(spark: SparkSession, register: Register, submissions: DataFrame) -> DataFrame:
    """Facts of the newest conform batch of each submission; they have no disposition of their own."""
    facts = [
        spark.table(tables.name(contract.dataset("core"))).select("fact_id", "submission_id", "batch_id")
        for contract in folded(register)
    ]
    return (
        reduce(DataFrame.unionAll, facts)
        .join(F.broadcast(submissions), ["submission_id", "batch_id"])
        .withColumn("disposition", F.lit(None).cast("string"))
    )


def _dispositions(spark: SparkSession, book: Book, register: Register) -> DataFrame:
    """The log of dispositions as committed batches wrote it."""
    numbers = [one.batch_id for one in book.committed("merge", register.value)]
    log = spark.table(tables.name(f"curated.{register.value}_dispositions"))
    return log.where(F.col("batch_id").isin(*numbers) if numbers else F.lit(False)).select(
        "fact_id", "submission_id", "batch_id", "disposition", F.lit(False).alias("is_taken")
    )
