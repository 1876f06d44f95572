"""Counts that sources told of their dossiers: events of the log, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jobs.ops import events as log
from schemas.ops import events

KIND = "source.statistics"


def keep(
    ops: sa.Engine, feed_id: str, *, begins: datetime, until: datetime, counts: Mapping[str, int]
) -> None:
    """Records what a feed's source told of a period, once."""
    body = {"begins": begins.isoformat(), "until": until.isoformat(), "counts": dict(counts)}
    with ops.begin() as connection:
        log.lock(connection)
        mine = (events.c.kind == KIND) & (events.c.subject == feed_id)
        last = sa.select(events.c.body).where(mine).order_by(events.c.seq.desc()).limit(1)
        if connection.scalar(last) != body:
            log.append(connection, kind=KIND, subject=feed_id, body=body, at=until)


def newest(ops: sa.Engine) -> dict[str, dict[str, Any]]:
    """What each feed's source told last: beginning and end of the period, and the counts."""
    query = sa.select(events.c.subject, events.c.body).where(events.c.kind == KIND).order_by(events.c.seq)
    with ops.connect() as connection:
        return {row.subject: dict(row.body) for row in connection.execute(query)}
