"""Overrules of the gate: a person lets a refused submission pass."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from jobs.ops import events as log
from schemas.ops import events

KIND = "gate.overruled"


def add(ops: sa.Engine, submission_id: str, *, reason: str, by: str, at: datetime) -> None:
    """Records that a submission passes whatever the gate says, from its next conform on."""
    with ops.begin() as connection:
        body = {"by": by, "reason": reason}
        log.append(connection, kind=KIND, subject=submission_id, body=body, at=at)


def active(ops: sa.Engine) -> set[str]:
    """Submissions that were let pass."""
    with ops.connect() as connection:
        return set(connection.scalars(sa.select(events.c.subject).where(events.c.kind == KIND)))
