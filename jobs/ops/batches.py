"""Batches: what a conform or merge takes, fixed before it begins and committed after it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from jobs.errors import Refused
from jobs.ops import events
from schemas.ops import batches
from schemas.ops import events as log


@dataclass(frozen=True, slots=True)
class Batch:
    """A planned or committed batch."""

    batch_id: int
    kind: str
    register: str | None
    at: datetime
    recorded_at: datetime
    state: str
    plan: Mapping[str, Any]
    result: Mapping[str, Any] | None
    is_fresh: bool = False
    """Planned by this call: no store can hold anything of it yet."""


def plan(
    ops: sa.Engine, *, kind: str, register: str | None, at: datetime, members: Mapping[str, Any]
) -> Batch:
    """The batch of that kind and register that is planned and not committed, else a new one.

    ``recorded_at`` is ``at``, or a microsecond after the kind's and register's last where that is later.
    """
    with ops.begin() as connection:
        events.lock(connection)
        unfinished = connection.execute(_of(kind, register).where(batches.c.state == "planned")).one_or_none()
        if unfinished:
            return _batch(unfinished)
        number = (connection.scalar(sa.select(sa.func.max(batches.c.batch_id))) or 0) + 1
        last = connection.scalar(sa.select(sa.func.max(_of(kind, register).subquery().c.recorded_at)))
        recorded = at if last is None else max(at, last + timedelta(microseconds=1))
        values = {
            "kind": kind,
            "register": register,
            "at": at,
            "recorded_at": recorded,
            "plan": dict(members),
        }
        row = connection.execute(
            batches.insert().values(batch_id=number, state="planned", **values).returning(batches)
        ).one()
        events.append(connection, kind=f"{kind}.planned", subject=str(number), body=values, at=at)
        return replace(_batch(row), is_fresh=True)


def planned(ops: sa.Engine, *, kind: str, register: str | None) -> Batch | None:
    """The batch that was planned and never committed, if there is one."""
    with ops.connect() as connection:
        row = connection.execute(_of(kind, register).where(batches.c.state == "planned")).one_or_none()
    return _batch(row) if row else None


def commit(ops: sa.Engine, batch: Batch, result: Mapping[str, Any], at: datetime) -> None:
    """Commits a batch: from now on its rows are read. A second commit changes nothing."""
    with ops.begin() as connection:
        events.lock(connection)
        changed = connection.execute(
            batches.update()
            .where(batches.c.batch_id == batch.batch_id, batches.c.state == "planned")
            .values(state="committed", result=dict(result))
        ).rowcount
        if changed:
            events.append(
                connection,
                kind=f"{batch.kind}.committed",
                subject=str(batch.batch_id),
                body=result,
                at=at,
            )


def require_open(ops: sa.Engine, batch: Batch) -> None:
    """Looks whether a batch is still to be carried out, right before something is written for it.

    A process that lost its lock does not know it, and may have been overtaken.

    Raises:
        Refused: Another process has committed the batch.
    """
    with ops.connect() as connection:
        mine = batches.c.batch_id == batch.batch_id
        state = connection.scalar(sa.select(batches.c.state).where(mine))
    if state != "planned":
        raise Refused(
            f"batch {batch.batch_id} was committed by another process.", "nothing is to be done for it."
        )


def committed(ops: sa.Engine, kind: str | None = None, register: str | None = None) -> list[Batch]:
    """Committed batches in order."""
    query = sa.select(batches).where(batches.c.state == "committed").order_by(batches.c.batch_id)
    if kind is not None:
        query = query.where(batches.c.kind == kind)
    if register is not None:
        query = query.where(batches.c.register == register)
    with ops.connect() as connection:
        return [_batch(row) for row in connection.execute(query)]


def committed_after(ops: sa.Engine, place: int) -> list[Batch]:
    """Batches that were committed after a place in the log of events, in order."""
    kinds = [f"{kind}.committed" for kind in ("conform", "merge")]
    told = sa.select(log.c.subject).where(log.c.seq > place, log.c.kind.in_(kinds))
    query = sa.select(batches).where(sa.cast(batches.c.batch_id, sa.Text).in_(told))
    with ops.connect() as connection:
        return [_batch(row) for row in connection.execute(query.order_by(batches.c.batch_id))]


def numbers(ops: sa.Engine, state: str | None = None) -> set[int]:
    """Numbers of every batch, or of those in one state."""
    query = sa.select(batches.c.batch_id)
    with ops.connect() as connection:
        return {*connection.scalars(query if state is None else query.where(batches.c.state == state))}


def live_conforms(ops: sa.Engine) -> dict[str, int]:
    """Newest committed conform batch of each submission."""
    newest: dict[str, int] = {}
    for number, plan in conform_plans(ops):
        newest |= dict.fromkeys(plan["submissions"], number)
    return newest


def first_conforms(ops: sa.Engine) -> dict[str, int]:
    """First committed conform batch of each submission."""
    first: dict[str, int] = {}
    for number, plan in reversed(conform_plans(ops)):
        first |= dict.fromkeys(plan["submissions"], number)
    return first


def conform_plans(ops: sa.Engine) -> list[tuple[int, Mapping[str, Any]]]:
    """Numbers and plans of the committed conform batches in order, without their large results."""
    query = sa.select(batches.c.batch_id, batches.c.plan).where(
        batches.c.kind == "conform", batches.c.state == "committed"
    )
    with ops.connect() as connection:
        return [(row.batch_id, row.plan) for row in connection.execute(query.order_by(batches.c.batch_id))]


def overturned(ops: sa.Engine) -> dict[str, int]:
    """Submissions that a committed conform batch has shown in another light, with the newest that did."""
    names = batches.c.result["overturned"]
    query = sa.select(batches.c.batch_id, names).where(
        batches.c.kind == "conform", batches.c.state == "committed", names.is_not(None)
    )
    with ops.connect() as connection:
        rows = connection.execute(query.order_by(batches.c.batch_id)).all()
    return {name: number for number, found in rows for name in found or ()}


def _of(kind: str, register: str | None) -> sa.Select[Any]:
    mine = batches.c.register.is_(None) if register is None else batches.c.register == register
    return sa.select(batches).where(batches.c.kind == kind, mine)


def _batch(row: Any) -> Batch:
    return Batch(
        row.batch_id,
        row.kind,
        row.register,
        row.at,
        row.recorded_at,
        row.state,
        row.plan,
        row.result,
    )
