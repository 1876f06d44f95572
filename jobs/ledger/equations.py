"""The ledger's equations as a person reads them: counts per register, from the data."""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as F

from jobs import ops, session
from jobs.lake import live
from jobs.ledger import counts
from jobs.settings import Settings
from schemas.contract import REGISTERS
from schemas.registry import folded


def equations(settings: Settings) -> dict[str, dict[str, int]]:
    """Counts of every register and of ``none``: rows with their dispositions, facts with theirs.

    ``landed`` is the sum of the row dispositions, ``emitted`` that of the fact dispositions;
    ``pending`` are facts that no merge has taken yet, outside the equation.
    """
    rows, facts, pending = counts.rows(settings), counts.facts(settings), _pending(settings)
    told: dict[str, dict[str, int]] = {}
    for register, by_disposition in rows.items():
        told[register] = {"landed": sum(by_disposition.values()), **by_disposition}
        if (merged := facts.get(register)) is not None:
            told[register] |= {"emitted": sum(merged.values()), **merged, "pending": pending[register]}
    return told


def _pending(settings: Settings) -> dict[str, int]:
    """Live facts without a disposition, by register."""
    spark, engine = session.connect(settings), ops.engine(settings)
    found: dict[str, Any] = {}
    for register in REGISTERS:
        merged = live.merged(spark, engine, f"curated.{register.value}_dispositions", register.value).select(
            "fact_id"
        )
        facts = [
            live.conformed(spark, engine, contract.dataset("core")).select("fact_id")
            for contract in folded(register)
        ]
        whole = facts[0]
        for one in facts[1:]:
            whole = whole.unionAll(one)
        left = whole.join(merged, "fact_id", "left_anti").agg(F.count(F.lit(1)).alias("pending"))
        found[register.value] = left.collect()[0].pending
    return found
