"""How much an erasure takes out, batch by batch, before it takes anything."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from sqlalchemy import Engine

from jobs.conform.held import counted
from jobs.lake import evidence
from jobs.lake.rows import rows_of
from jobs.ops import batches, decisions
from jobs.purge.reach import Gone, rows_gone
from schemas.contract import REGISTERS, Register
from schemas.registry import folded


def measured(engine: Engine, spark: SparkSession, gone: Sequence[Gone]) -> dict[int, dict[str, Any]]:
    """What goes by number of the batch, in the form of its receipt.

    Returns:
        ``evidence``, with ``counts`` of a conform batch, or ``decisions`` of a merge batch.
    """
    whole = dict(evidence.CORE)
    for register in REGISTERS:
        whole |= evidence.curated(register)
    committed = batches.committed(engine)
    chosen = {one.dataset: one for one in gone}
    found = evidence.parts(
        spark, whole, [one.batch_id for one in committed], lambda table, rows: chosen[table].of(rows)
    )
    with engine.connect() as connection:
        about = decisions.sums(connection, facts_gone(gone))
    removed: dict[int, dict[str, Any]] = {}
    for batch in committed:
        mine = [one for one in found if one.batch_id == batch.batch_id]
        number, digest = about.get(batch.batch_id, decisions.NONE)
        if not mine and not number:
            continue
        removed[batch.batch_id] = {"evidence": evidence.told(mine)}
        if batch.kind == "conform":
            removed[batch.batch_id]["counts"] = counted(rows_gone(gone, rows_of(spark, [batch.batch_id])))
        else:
            removed[batch.batch_id]["decisions"] = {"rows": number, "digest": digest}
    return removed


def versions_gone(gone: Sequence[Gone], register: Register) -> list[str]:
    """Digests of the versions of a register that go."""
    return _keys(gone, {contract.dataset("curated") for contract in folded(register)})


def facts_gone(gone: Sequence[Gone]) -> list[str]:
    """Facts of the erased places that were merged."""
    return _keys(gone, {f"curated.{register.value}_dispositions" for register in REGISTERS})


def _keys(gone: Sequence[Gone], datasets: set[str]) -> list[str]:
    frames = [one.keys for one in gone if one.dataset in datasets]
    return sorted(row[0] for row in reduce(DataFrame.unionAll, frames).distinct().collect())
