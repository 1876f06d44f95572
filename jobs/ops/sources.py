"""What is known of each feed at run time: paused, last attempt, last success, last error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from jobs.ops import events
from schemas.ops import sources


def note(ops: sa.Engine, feed_id: str, *, at: datetime, error: str | None) -> None:
    """Records an attempt: a success where there is no error.

    The last success is the one with the latest instant: a run of an earlier day takes none back.
    """
    values: dict[str, Any] = {"last_attempt_at": at, "last_error": error}
    if error is None:
        values["last_success_at"] = at
    row = insert(sources).values(feed_id=feed_id, **values)
    if error is None:
        values["last_success_at"] = sa.func.greatest(sources.c.last_success_at, at)
    with ops.begin() as connection:
        connection.execute(row.on_conflict_do_update(index_elements=["feed_id"], set_=values))


def pause(ops: sa.Engine, feed_id: str, *, paused: bool, by: str, at: datetime) -> None:
    """Pauses or resumes a feed."""
    with ops.begin() as connection:
        connection.execute(
            insert(sources)
            .values(feed_id=feed_id, is_paused=paused)
            .on_conflict_do_update(index_elements=["feed_id"], set_={"is_paused": paused})
        )
        kind = "source.paused" if paused else "source.resumed"
        events.append(connection, kind=kind, subject=feed_id, body={"by": by}, at=at)


def known(ops: sa.Engine) -> dict[str, Mapping[str, Any]]:
    """Everything known, by feed."""
    with ops.connect() as connection:
        return {row["feed_id"]: dict(row) for row in connection.execute(sa.select(sources)).mappings()}
