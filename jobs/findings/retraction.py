"""Submissions that count as if they had never been sent, and their return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pyspark.sql import functions as F

from jobs import ops, session
from jobs.conform import run as conforming
from jobs.errors import UsageFault
from jobs.lake import live
from jobs.ops import submissions
from jobs.settings import Settings
from schemas.core.dossiers import Dossiers


def retract(settings: Settings, *, submission_id: str, reason: str, by: str, at: datetime) -> dict[str, Any]:
    """Takes a submission back: its effective rows become ``no_effect``, and their facts ``outdated``.

    The submission and all that share a dossier or a content with it are conformed again: what it sent
    first, a later delivery of the same now sends first, and later versions stay. The next merge brings
    that to the registers. Bytes and rows stay where they are, and ``restore`` takes it back.

    Returns:
        The receipt of the conform batch.

    Raises:
        UsageFault: There is no such submission.
        Refused: It was not sealed.
    """
    chosen = _touched(settings, submission_id)
    submissions.retract(ops.engine(settings), submission_id, reason=reason, by=by, at=at)
    return conforming.run(settings, at=at, submission_ids=chosen)


def restore(settings: Settings, *, submission_id: str, reason: str, by: str, at: datetime) -> dict[str, Any]:
    """Takes a retraction back; the counterpart of ``retract`` in all it does, returns and raises."""
    chosen = _touched(settings, submission_id)
    submissions.restore(ops.engine(settings), submission_id, reason=reason, by=by, at=at)
    return conforming.run(settings, at=at, submission_ids=chosen)


def _touched(settings: Settings, submission_id: str) -> Sequence[str]:
    """The submission, and those of its feed that share a dossier or a content with it."""
    engine = ops.engine(settings)
    one = submissions.get(engine, submission_id)
    if one is None:
        raise UsageFault(f"There is no submission {submission_id}.", "lienthong explain prints them.")
    rows = live.conformed(session.connect(settings), engine, Dossiers.dataset())
    rows = rows.where(F.col("feed_id") == one.feed_id)
    mine = rows.where(F.col("submission_id") == submission_id)
    found = {submission_id}
    for name in ("dossier_code", "content_digest"):
        shared = F.broadcast(mine.select(name).distinct())
        others = rows.join(shared, name, "left_semi").select("submission_id").distinct()
        found |= {row.submission_id for row in others.collect()}
    return sorted(found)
