"""Layer ``registers``: each national database against the lake's assertion log and against itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pyspark.sql import SparkSession

from jobs import ops, session
from jobs.lake import evidence
from jobs.lake.evidence import digest_of
from jobs.ledger import history
from jobs.ledger.difference import ABSENT, PRESENT, Audit, Difference, compared
from jobs.registry import databases
from schemas.contract import REGISTERS, Contract, Kind, Register
from schemas.derive import sql
from schemas.ops import batches
from schemas.registry import folded

LAYER = "registers"


def check(audit: Audit) -> Iterator[Difference]:
    """Differences between the registers, the lake and the loads that ops knows of."""
    audit.step(LAYER, "assertion log", 0, 1 + len(REGISTERS))
    spark = session.connect(audit.settings)
    expected = history.asserted(spark, audit.book) if audit.book.committed("merge") else {}
    for done, register in enumerate(REGISTERS, 1):
        audit.step(LAYER, register.value, done, 1 + len(REGISTERS))
        with _reading(audit, register) as connection:
            yield from _register(audit, spark, connection, register, expected)


@contextmanager
def _reading(audit: Audit, register: Register) -> Iterator[sa.Connection]:
    engine = databases.engine(audit.settings, register)
    with engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    ) as connection:
        # Compiling the long digest expressions takes longer than running them.
        connection.execute(sa.text("SET LOCAL jit = off"))
        yield connection


def _register(
    audit: Audit, spark: SparkSession, connection: sa.Connection, register: Register, expected: history.Sums
) -> Iterator[Difference]:
    missing = set(sql.metadata(register).tables) - set(sa.inspect(connection).get_table_names())
    for name in sorted(missing):
        yield Difference(f"{register.value}.{name}", "table", PRESENT, ABSENT)
    unread = history.Unread(dict(_later_loads(audit, connection, register)))
    yield from _loads(audit, connection, register, unread)
    for contract in folded(register):
        yield from history.check(audit, history.Reading(spark, connection, contract, unread), expected)
        yield from _current(audit, connection, contract)
        yield from overlaps(connection, contract)


def _later_loads(
    audit: Audit, connection: sa.Connection, register: Register
) -> Iterator[tuple[int, datetime]]:
    loads = sql.metadata(register).tables["_loads"]
    known = [one.batch_id for one in audit.book.committed("merge", register.value)]
    query = sa.select(loads.c.batch_id, loads.c.recorded_at).where(loads.c.batch_id.not_in(known))
    for row in connection.execute(query):
        yield row.batch_id, row.recorded_at


def _loads(
    audit: Audit, connection: sa.Connection, register: Register, unread: history.Unread
) -> Iterator[Difference]:
    """Loads and merge batches name each other, with the same instant and counts."""
    loads = sql.metadata(register).tables["_loads"]
    found = {row["batch_id"]: row for row in connection.execute(sa.select(loads)).mappings()}
    audit.count(LAYER, "loads", len(found))
    for batch, result in audit.book.results("merge", register.value):
        where = f"{register.value}._loads, batch {batch.batch_id}"
        row = found.pop(batch.batch_id, None)
        if result.get("loaded") is not None:
            expected = {"recorded_at": batch.recorded_at, "counts": result["loaded"]}
            yield from compared(where, expected, dict(row) if row else None)
        elif row is not None:
            yield Difference(where, "row", ABSENT, PRESENT)
    planned = sa.select(batches.c.batch_id).where(
        batches.c.register == register.value, batches.c.batch_id.in_(sorted(unread.recorded))
    )
    with ops.engine(audit.settings).connect() as now:
        known = set(now.scalars(planned))
    for number in sorted(set(found) - known):
        yield Difference(f"{register.value}._loads, batch {number}", "row", ABSENT, PRESENT)


def _current(audit: Audit, connection: sa.Connection, contract: type[Contract]) -> Iterator[Difference]:
    """Current = the open rows of history that hold without end."""
    known = sql.metadata(contract.info.register).tables
    noun = contract.info.noun
    current, whole = known[noun], known[f"{noun}_history"]
    kinds = [(name, kind) for name, kind in evidence.digest_columns(contract) if name != "valid_to"]
    kinds.append(("version_digest", Kind.TEXT))
    open_rows = sa.and_(whole.c.recorded_to.is_(None), whole.c.valid_to.is_(None))
    expected = _summed(connection, sa.select(whole).where(open_rows).subquery(), kinds)
    found = _summed(connection, sa.select(current).subquery(), kinds)
    audit.count(LAYER, "current rows", int(str(found["rows"])))
    where = f"{contract.info.register.value}.{noun}"
    for one in compared(where, expected, found):
        names = [name for name, _ in kinds]
        sides = [
            sa.select(*[whole.c[name] for name in names]).where(open_rows),
            sa.select(*[current.c[name] for name in names]),
        ]
        entity = _odd(connection, *sides)
        yield Difference(f"{where}, entity {entity}" if entity else where, one.what, one.expected, one.found)


def _summed(
    connection: sa.Connection, rows: sa.Subquery, kinds: Sequence[tuple[str, Kind]]
) -> dict[str, object]:
    digest = sql.row_digest(rows, kinds)
    inner = sa.select(digest.label("digest")).offset(0).subquery()
    sums = [one.label(f"digest_{place}") for place, one in enumerate(sql.digest_sums(inner.c.digest))]
    row = (
        connection.execute(sa.select(sa.func.count().label("rows"), *sums).select_from(inner))
        .mappings()
        .one()
    )
    return {"rows": row["rows"], "digest of rows": digest_of(row)}


def _odd(connection: sa.Connection, expected: sa.Select[Any], found: sa.Select[Any]) -> str | None:
    """The first entity with a row that only one side has."""
    sides = [sa.except_all(*pair).subquery() for pair in ((expected, found), (found, expected))]
    entities = sa.union_all(*[sa.select(side.c.entity_id) for side in sides]).subquery()
    first: str | None = connection.scalar(sa.select(sa.func.min(entities.c.entity_id)))
    return first


def overlaps(connection: sa.Connection, contract: type[Contract]) -> Iterator[Difference]:
    """No two open versions of a golden row hold at one time; empty intervals hold at none."""
    noun = contract.info.noun
    whole = sql.metadata(contract.info.register).tables[f"{noun}_history"]
    endless: sa.ColumnElement[datetime] = sa.literal_column("'infinity'::timestamptz")
    until = sa.func.coalesce(whole.c.valid_to, endless)
    before = sa.func.max(until).over(
        partition_by=[whole.c.entity_id, whole.c.row_key], order_by=whole.c.valid_from, rows=(None, -1)
    )
    rows = (
        sa.select(whole.c.entity_id, whole.c.valid_from, before.label("before"))
        .where(whole.c.recorded_to.is_(None), until > whole.c.valid_from)
        .subquery()
    )
    query = sa.select(sa.func.count(), sa.func.min(rows.c.entity_id)).where(rows.c.before > rows.c.valid_from)
    number, entity = connection.execute(query).one()
    if number:
        where = f"{contract.info.register.value}.{whole.name}, entity {entity}"
        yield Difference(where, "open versions that overlap", 0, number)
