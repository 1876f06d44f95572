"""Loads a merge batch: Arrow → binary COPY → one transaction with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from jobs.errors import IntegrityFault
from jobs.registry.databases import engine
from jobs.registry.staging import stage
from jobs.settings import Settings
from schemas.contract import Contract, Register
from schemas.derive import arrow, sql
from schemas.derive.access import INGEST
from schemas.derive.sql import HISTORY_TECHNICAL
from schemas.registry import folded

_LOCK = 7_003
_MANY = 1_000
"""Rows asserted in one batch from which the planner's idea of a history is refreshed: without it the first
load of 40,000 rows takes a minute in a nested loop, with it a second."""


def load(
    settings: Settings,
    *,
    register: str,
    batch_id: int,
    recorded_at: datetime,
    tables: Mapping[str, pa.Table],
    expected: Mapping[str, Mapping[str, int]],
) -> dict[str, Any]:
    """Writes a batch's assertions and withdrawals into a register, once.

    Args:
        settings: Names the database.
        register: The register.
        batch_id: Merge batch; one with a ``_loads`` row is recognised and nothing is written.
        recorded_at: When it became known to us.
        tables: Rows of the assertion log by noun.
        expected: Numbers of ``assert`` and ``withdraw`` rows by noun.

    Returns:
        Numbers of rows asserted, withdrawn and current by noun.

    Raises:
        IntegrityFault: What was written is not what was expected; nothing is kept.
    """
    known = sql.metadata(Register(register))
    loads = known.tables["_loads"]
    with engine(settings, Register(register)).begin() as connection:
        connection.execution_options(preserve_rowcount=True)
        connection.execute(sa.text(f"SET LOCAL ROLE {INGEST}"))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if (evidence := _evidence(connection, loads, batch_id)) is not None:
            return dict(evidence)
        counts = {}
        for contract in folded(Register(register)):
            noun = contract.info.noun
            counts[noun] = _load_dataset(connection, contract, known, batch_id, recorded_at, tables[noun])
        _require_equal(f"batch {batch_id} of {register}", expected, counts)
        connection.execute(loads.insert().values(batch_id=batch_id, recorded_at=recorded_at, counts=counts))
        return counts


def _evidence(connection: sa.Connection, loads: sa.Table, batch_id: int) -> Mapping[str, Any] | None:
    """What the register says it holds of a batch; None where it has none of it."""
    counts: Mapping[str, Any] | None = connection.scalar(
        sa.select(loads.c.counts).where(loads.c.batch_id == batch_id)
    )
    return counts


def _require_equal(
    where: str, expected: Mapping[str, Mapping[str, int]], written: Mapping[str, Mapping[str, int]]
) -> None:
    for noun, told in written.items():
        for name in ("assert", "withdraw"):
            if told[name] != expected[noun][name]:
                raise IntegrityFault(
                    f"{where}: {expected[noun][name]} rows of {noun} to {name}, {told[name]} written. "
                    "Nothing was kept.",
                    "run the merge again; if it stays, lienthong ledger verify --layer registers.",
                )


def _load_dataset(
    connection: sa.Connection,
    contract: type[Contract],
    known: sa.MetaData,
    batch_id: int,
    recorded_at: datetime,
    rows: pa.Table,
) -> dict[str, int]:
    noun = contract.info.noun
    history, current = known.tables[f"{noun}_history"], known.tables[noun]
    if not rows.num_rows:
        return {"assert": 0, "withdraw": 0, "current": 0}
    schema = pa.schema([field.with_nullable(True) for field in arrow.version_schema(contract)])
    staged = stage(connection, f"staged_{noun}", schema, rows)
    connection.execute(sa.text(f"ANALYZE {staged.name}"))
    closing = sa.select(staged.c.version_digest).where(staged.c.operation == "withdraw")
    withdrawn = connection.execute(
        history.update()
        .where(history.c.recorded_to.is_(None), history.c.version_digest.in_(closing))
        .values(recorded_to=recorded_at)
    ).rowcount
    names = [column.name for column in HISTORY_TECHNICAL] + list(contract.names())
    asserted = connection.execute(
        history.insert().from_select(
            [*names, "recorded_from", "recorded_to", "batch_id"],
            sa.select(
                *[sa.cast(staged.c[name], history.c[name].type) for name in names],
                sa.literal(recorded_at, sa.DateTime(timezone=True)),
                sa.null(),
                sa.literal(batch_id, sa.BigInteger),
            ).where(staged.c.operation == "assert"),
        )
    ).rowcount
    if asserted > _MANY:
        connection.execute(sa.text(f"ANALYZE {history.name}"))
    written = _refresh_current(connection, staged, history, current)
    connection.execute(sa.text(f"DROP TABLE {staged.name}"))
    return {"assert": asserted, "withdraw": withdrawn, "current": written}


def _refresh_current(
    connection: sa.Connection, staged: sa.Table, history: sa.Table, current: sa.Table
) -> int:
    """Rewrites the current rows of the touched golden rows from what history now holds open."""
    touched = sa.select(staged.c.entity_id, staged.c.row_key).distinct().subquery()
    same = sa.and_(current.c.entity_id == touched.c.entity_id, current.c.row_key == touched.c.row_key)
    connection.execute(current.delete().where(sa.exists().where(same)))
    open_rows = sa.and_(
        history.c.entity_id == touched.c.entity_id,
        history.c.row_key == touched.c.row_key,
        history.c.recorded_to.is_(None),
        history.c.valid_to.is_(None),
    )
    names = [column.name for column in current.columns]
    return connection.execute(
        current.insert().from_select(
            names,
            sa.select(*[history.c[name] for name in names]).select_from(history.join(touched, open_rows)),
        )
    ).rowcount
