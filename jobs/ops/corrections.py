"""A steward's corrections: they name the content they correct, and can be withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jobs.errors import UsageFault
from jobs.ops import events
from schemas.ops import corrections


@dataclass(frozen=True, slots=True)
class Correction:
    """One corrected value."""

    correction_id: int
    content_digest: str
    path: str
    new_text: str | None


def add(
    ops: sa.Engine,
    *,
    content_digest: str,
    path: str,
    new_text: str | None,
    reason: str,
    basis: str,
    by: str,
    at: datetime,
) -> int:
    """Records a correction and gives its number."""
    with ops.begin() as connection:
        events.lock(connection)
        number = (connection.scalar(sa.select(sa.func.max(corrections.c.correction_id))) or 0) + 1
        values = {"content_digest": content_digest, "path": path, "new_text": new_text}
        why = {"reason": reason, "basis": basis, "made_by": by, "made_at": at}
        connection.execute(corrections.insert().values(correction_id=number, **values, **why))
        told = {**values, "reason": reason, "basis": basis, "made_by": by}
        events.append(connection, kind="correction.made", subject=str(number), body=told, at=at)
        return number


def withdraw(ops: sa.Engine, correction_id: int, *, reason: str, by: str, at: datetime) -> None:
    """Takes a correction back.

    Raises:
        UsageFault: No such correction, or it is withdrawn already.
    """
    with ops.begin() as connection:
        events.lock(connection)
        changed = connection.execute(
            corrections.update()
            .where(corrections.c.correction_id == correction_id, corrections.c.withdrawn_at.is_(None))
            .values(withdrawn_by=by, withdrawn_at=at, withdrawn_reason=reason)
        ).rowcount
        if not changed:
            raise UsageFault(f"Correction {correction_id} does not exist or is withdrawn already.")
        events.append(
            connection,
            kind="correction.withdrawn",
            subject=str(correction_id),
            body={"by": by, "reason": reason},
            at=at,
        )


def named(ops: sa.Engine, numbers: Sequence[int]) -> list[Correction]:
    """Corrections by number, withdrawn ones too: what a batch's plan says holds for the batch."""
    query = sa.select(corrections).where(corrections.c.correction_id.in_(numbers))
    with ops.connect() as connection:
        rows = connection.execute(query.order_by(corrections.c.correction_id))
        return [Correction(row.correction_id, row.content_digest, row.path, row.new_text) for row in rows]


def active(ops: sa.Engine) -> list[Correction]:
    """Corrections in force, in the order they were made."""
    query = (
        sa.select(corrections)
        .where(corrections.c.withdrawn_at.is_(None))
        .order_by(corrections.c.correction_id)
    )
    with ops.connect() as connection:
        rows = connection.execute(query)
        return [Correction(row.correction_id, row.content_digest, row.path, row.new_text) for row in rows]
