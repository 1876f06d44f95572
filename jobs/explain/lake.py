"""What an explanation reads of the lake and the registers: a few queries, each by key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import Any

import sqlalchemy as sa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs import ops, session
from jobs.lake import tables
from jobs.ops import batches
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS, Register
from schemas.core.documents import Documents
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.derive import sql
from schemas.facts import FACT, VERSION, old_columns
from schemas.registry import FOLDED, folded

Row = Mapping[str, Any]
Aggregate = tuple[str, str]
"""Register and key of an aggregate."""


class Lake:
    """Rows of committed batches, those that a later batch replaced included."""

    def __init__(self, settings: Settings) -> None:
        """Learns which batches are committed."""
        self.spark = session.connect(settings)
        engine = ops.engine(settings)
        self.conforms = {one.batch_id: one for one in batches.committed(engine, "conform")}
        self._merges = [one.batch_id for one in batches.committed(engine, "merge")]

    def rows(self, condition: Column) -> list[Row]:
        """Landed rows, once for each conform batch that decided on them."""
        return self._read([self.spark.table(tables.name(Dossiers.dataset()))], condition, self.conforms)

    def documents(self, condition: Column) -> list[Row]:
        """Landed messages about documents, once for each conform batch that decided on them."""
        return self._read([self.spark.table(tables.name(Documents.dataset()))], condition, self.conforms)

    def findings(self, condition: Column) -> list[Row]:
        """Findings on landed rows."""
        return self._read([self.spark.table(tables.name(Findings.dataset()))], condition, self.conforms)

    def facts(self, condition: Column) -> list[Row]:
        """Change facts with their ``payload`` as JSON, once for each conform batch that emitted them."""
        frames = []
        for contract in FOLDED:
            payload = F.to_json(F.struct(*contract.names(), *old_columns(contract)))
            frames.append(
                self.spark.table(tables.name(contract.dataset("core"))).select(
                    F.lit(contract.info.register.value).alias("register"),
                    F.lit(contract.info.noun).alias("dataset"),
                    *[column.name for column in FACT],
                    payload.alias("payload"),
                )
            )
        return self._read(frames, condition, self.conforms)

    def versions(self, condition: Column) -> list[Row]:
        """Asserted and withdrawn golden versions with their ``payload`` as JSON."""
        frames = [
            self.spark.table(tables.name(contract.dataset("curated"))).select(
                F.lit(contract.info.register.value).alias("register"),
                F.lit(contract.info.noun).alias("dataset"),
                *[column.name for column in VERSION],
                F.to_json(F.struct(*contract.names())).alias("payload"),
            )
            for contract in FOLDED
        ]
        return self._read(frames, condition, self._merges)

    def dispositions(self, condition: Column) -> list[Row]:
        """What became of facts, batch by batch."""
        return self._read(self._of_registers("dispositions"), condition, self._merges)

    def entities(self, condition: Column) -> list[Row]:
        """Entities that were minted."""
        return self._read(self._of_registers("entities"), condition, self._merges)

    def _of_registers(self, noun: str) -> list[DataFrame]:
        return [
            self.spark.table(tables.name(f"curated.{register.value}_{noun}")).withColumn(
                "register", F.lit(register.value)
            )
            for register in REGISTERS
        ]

    def _read(self, frames: Sequence[DataFrame], condition: Column, numbers: Collection[int]) -> list[Row]:
        if not numbers:
            return []
        whole = reduce(DataFrame.unionByName, frames)
        chosen = whole.where(condition & F.col("batch_id").isin(*sorted(numbers)))
        return sorted(chosen.toArrow().to_pylist(), key=lambda row: int(row["batch_id"]))


def together(*reads: Callable[[], list[Row]]) -> list[list[Row]]:
    """Results of reads that run side by side."""
    with ThreadPoolExecutor(len(reads)) as pool:
        return list(pool.map(lambda read: read(), reads))


def databases_rows(settings: Settings, aggregates: Iterable[Aggregate]) -> dict[str, list[Row]]:
    """Rows of aggregates in the registers' databases by ``register.table``, history and current."""
    found: dict[str, list[Row]] = {}
    keys: dict[str, list[str]] = {}
    for register, key in sorted(aggregates):
        keys.setdefault(register, []).append(key)
    for name, mine in keys.items():
        register = Register(name)
        known = sql.metadata(register).tables
        with databases.engine(settings, register).connect() as connection:
            for contract in folded(register):
                for noun in (f"{contract.info.noun}_history", contract.info.noun):
                    table = known[noun]
                    order = [table.c[n] for n in ("row_key", "recorded_from", "valid_from") if n in table.c]
                    query = sa.select(table).where(table.c.aggregate_key.in_(mine)).order_by(*order)
                    found[f"{name}.{noun}"] = [dict(row) for row in connection.execute(query).mappings()]
    return found
