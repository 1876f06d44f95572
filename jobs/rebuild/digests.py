"""Counts and content digests of everything derived, to compare two homes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa

from jobs import ops, session
from jobs.lake import evidence
from jobs.ops import batches
from jobs.registry import databases
from jobs.settings import Settings
from schemas.contract import REGISTERS, Kind, Register
from schemas.derive import python as oracle
from schemas.derive import sql
from schemas.registry import folded

Digests = Mapping[str, tuple[int, str]]
"""Number of rows and digest by dataset (lake) or ``register.table`` (PostgreSQL)."""
_RECORDED = {"recorded_from": Kind.INSTANT, "recorded_to": Kind.INSTANT, "batch_id": Kind.INTEGER}


def digests(settings: Settings) -> Digests:
    """Rows and digest of every core and curated dataset and of every table of the registers.

    Of core the live rows count, since maintenance may drop what no one reads; of curated whole logs.
    """
    return {**_lake(settings), **_registers(settings)}


def differences(one: Digests, two: Digests) -> list[str]:
    """Names of what differs, in order.

    >>> differences({"a": (1, "00"), "b": (2, "01")}, {"a": (1, "00"), "b": (2, "02")})
    ['b']
    """
    return [name for name in sorted(one.keys() | two.keys()) if one.get(name) != two.get(name)]


def _lake(settings: Settings) -> Digests:
    spark, engine = session.connect(settings), ops.engine(settings)
    live = set(batches.live_conforms(engine).items())
    curated = {table: parting for one in REGISTERS for table, parting in evidence.curated(one).items()}
    conforms, merges = (
        [one.batch_id for one in batches.committed(engine, kind)] for kind in ("conform", "merge")
    )
    core = evidence.parts(spark, evidence.CORE, conforms)
    found = [part for part in core if (part.values[0], part.batch_id) in live]
    return _summed([*found, *evidence.parts(spark, curated, merges)])


def _summed(parts: Iterable[evidence.Part]) -> Digests:
    """Parts of one table together; digests of sets are sums."""
    by_table: dict[str, list[evidence.Part]] = {}
    for part in parts:
        by_table.setdefault(part.table, []).append(part)
    return {
        table: (sum(part.rows for part in mine), oracle.digest_of(part.digest for part in mine))
        for table, mine in sorted(by_table.items())
    }


def _registers(settings: Settings) -> Digests:
    found: dict[str, tuple[int, str]] = {}
    for register in REGISTERS:
        with databases.engine(settings, register).connect() as connection:
            # Compiling the long expressions of a digest takes longer than running them.
            connection.execute(sa.text("SET LOCAL jit = off"))
            for table, kinds in _tables(register):
                digest = sql.row_digest(table, kinds)
                rows = sa.select(digest.label("digest")).offset(0).subquery()
                count, *sums = connection.execute(
                    sa.select(sa.func.count(), *sql.digest_sums(rows.c.digest)).select_from(rows)
                ).one()
                found[f"{register.value}.{table.name}"] = (count, oracle.combine(sums))
    return found


def _tables(register: Register) -> Iterator[tuple[sa.Table, list[tuple[str, Kind]]]]:
    """Current and history of every dataset of a register, with the kinds of their columns."""
    known = sql.metadata(register).tables
    for contract in folded(register):
        kinds = {column.name: column.domain.kind for column in sql.HISTORY_TECHNICAL} | _RECORDED
        kinds |= {field.name: field.domain.kind for field in contract.fields}
        for name in (contract.info.noun, f"{contract.info.noun}_history"):
            yield known[name], [(column.name, kinds[column.name]) for column in known[name].columns]
