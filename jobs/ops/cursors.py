"""How far each feed has been read."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from jobs.ops import events
from schemas.ops import cursors


def get(ops: sa.Engine, feed_id: str) -> tuple[datetime, str] | None:
    """Change instant and id of the newest item read; None before the first seal."""
    with ops.connect() as connection:
        row = connection.execute(sa.select(cursors).where(cursors.c.feed_id == feed_id)).one_or_none()
    return (row.updated_at, row.last_id) if row else None


def reset(ops: sa.Engine, feed_id: str, at: datetime) -> None:
    """Forgets a feed's cursor: the next pull reads everything again, which then counts as duplicate."""
    with ops.begin() as connection:
        events.lock(connection)
        connection.execute(cursors.delete().where(cursors.c.feed_id == feed_id))
        events.append(connection, kind="cursor.reset", subject=feed_id, body={}, at=at)
