"""The ledger's equations as counts, read from the data and never from stored numbers."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import functions as F

from jobs import ops, session
from jobs.lake import live
from jobs.lake import rows as live_rows
from jobs.settings import Settings
from schemas.contract import REGISTERS
from schemas.facts import FACT_DISPOSITIONS
from schemas.types import ROW_DISPOSITIONS

Counts = Mapping[str, Mapping[str, int]]


def rows(settings: Settings, feeds: tuple[str, ...] = ()) -> Counts:
    """Landed rows by register and disposition; of some feeds, or of all."""
    landed = live_rows.conformed(session.connect(settings), ops.engine(settings))
    if feeds:
        landed = landed.where(F.col("feed_id").isin(*feeds))
    told = landed.groupBy("register_name", "disposition").count().collect()
    registers = [*(register.value for register in REGISTERS), "none"]
    counts = {register: dict.fromkeys(ROW_DISPOSITIONS, 0) for register in registers}
    for row in told:
        counts[row.register_name][row.disposition] = row["count"]
    return counts


def facts(settings: Settings, feeds: tuple[str, ...] = ()) -> Counts:
    """Merged facts by register and disposition; of some feeds, or of all."""
    spark, engine = session.connect(settings), ops.engine(settings)
    counts = {}
    for register in REGISTERS:
        newest = live.dispositions(spark, engine, register.value)
        if feeds:
            newest = newest.where(F.col("feed_id").isin(*feeds))
        told = {row.disposition: row["count"] for row in newest.groupBy("disposition").count().collect()}
        counts[register.value] = dict.fromkeys(FACT_DISPOSITIONS, 0) | told
    return counts


def total(counts: Counts, order: tuple[str, ...]) -> tuple[int, ...]:
    """Sums over all registers, in the given order."""
    return tuple(sum(register[name] for register in counts.values()) for name in order)
