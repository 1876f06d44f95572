"""Counts and content digests of everything derived, to compare two homes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce

import sqlalchemy as sa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import ops, session
from jobs.lake import live
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS, Contract, Kind, Register
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.derive import python as oracle
from schemas.derive import spark as derive
from schemas.derive import sql
from schemas.facts import DISPOSITION, ENTITY, FACT, VERSION, Column, old_columns
from schemas.registry import FOLDED, folded

Digests = Mapping[str, tuple[int, str]]
"""Number of rows and digest by dataset (lake) or ``register.table`` (PostgreSQL)."""
_Columns = list[tuple[str, Kind]]


def digests(settings: Settings) -> Digests:
    """Rows and digest of every core and curated dataset and of every table of the registers.

    Of core the live rows count, since maintenance may drop what no one reads; of curated whole logs.
    """
    return dict(sorted({**_lake(settings), **_registers(settings)}.items()))


def differences(one: Digests, two: Digests) -> list[str]:
    """Names of what differs, in order.

    >>> differences({"a": (1, "00"), "b": (2, "01")}, {"a": (1, "00"), "b": (2, "02")})
    ['b']
    """
    return [name for name in sorted(one.keys() | two.keys()) if one.get(name) != two.get(name)]


def _lake(settings: Settings) -> Digests:
    """One query over all tables of the lake."""
    spark, engine = session.connect(settings), ops.engine(settings)
    digested = [
        rows.select(F.lit(name).alias("dataset"), derive.row_digest(columns).alias("digest"))
        for name, rows, columns in _frames(spark, engine)
    ]
    told = (
        reduce(DataFrame.unionAll, digested)
        .groupBy("dataset")
        .agg(F.count(F.lit(1)).alias("rows"), *derive.digest_sums(F.col("digest")))
        .collect()
    )
    return {
        row.dataset: (row.rows, oracle.combine([row[f"digest_{place}"] for place in range(4)]))
        for row in told
    }


def _frames(spark: SparkSession, engine: sa.Engine) -> Iterator[tuple[str, DataFrame, _Columns]]:
    for core in (Dossiers, Findings):
        name = core.dataset()
        yield name, live.conformed(spark, engine, name), _payload(core)
    for contract in FOLDED:
        name, register = contract.dataset("core"), contract.info.register.value
        facts = _technical(FACT) + _payload(contract) + _old(contract)
        yield name, live.conformed(spark, engine, name), facts
        name = contract.dataset("curated")
        yield name, live.merged(spark, engine, name, register), _technical(VERSION) + _payload(contract)
    for register in (one.value for one in REGISTERS):
        for noun, columns in (("dispositions", DISPOSITION), ("entities", ENTITY)):
            name = f"curated.{register}_{noun}"
            yield name, live.merged(spark, engine, name, register), _technical(columns)


def _technical(columns: Iterable[Column]) -> _Columns:
    return [(column.name, column.domain.kind) for column in columns]


def _payload(contract: type[Contract]) -> _Columns:
    return [(field.name, field.domain.kind) for field in contract.fields]


def _old(contract: type[Contract]) -> _Columns:
    return [(name, contract.field(name.removeprefix("old_")).domain.kind) for name in old_columns(contract)]


def _registers(settings: Settings) -> Digests:
    found: dict[str, tuple[int, str]] = {}
    for register in REGISTERS:
        with databases.engine(settings, register).connect() as connection:
            for name, table, kinds in _tables(register):
                digest = sql.row_digest([(table.c[column], kind) for column, kind in kinds])
                rows, *sums = connection.execute(
                    sa.select(sa.func.count(), *sql.digest_sums(digest)).select_from(table)
                ).one()
                found[f"{register.value}.{name}"] = (rows, oracle.combine(sums))
    return found


def _tables(register: Register) -> Iterator[tuple[str, sa.Table, _Columns]]:
    """Current and history of every dataset of a register, with the kinds of their columns."""
    known = sql.metadata(register).tables
    recorded = {"recorded_from": Kind.INSTANT, "recorded_to": Kind.INSTANT, "batch_id": Kind.INTEGER}
    for contract in folded(register):
        kinds = dict(_technical(sql.HISTORY_TECHNICAL)) | recorded | dict(_payload(contract))
        for name in (contract.info.noun, f"{contract.info.noun}_history"):
            table = known[name]
            yield name, table, [(column.name, kinds[column.name]) for column in table.columns]
