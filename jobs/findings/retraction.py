"""Submissions that count as if they had never been sent, and their return."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jobs import ops
from jobs.conform import run as conforming
from jobs.ops import submissions
from jobs.settings import Settings


def retract(settings: Settings, *, submission_id: str, reason: str, by: str, at: datetime) -> dict[str, Any]:
    """Takes a submission back: its effective rows become ``no_effect``, and their facts ``outdated``.

    The submission and all that share a dossier or a content with it are conformed again: what it sent
    first, a later delivery of the same now sends first, and later versions stay. The next merge brings
    that to the registers. Bytes and rows stay where they are, and ``restore`` takes it back. Killed
    after the decision was recorded, the next conform does what is left.

    Returns:
        The receipt of the conform batch.

    Raises:
        UsageFault: There is no such submission.
        Refused: It was not sealed.
    """
    submissions.retract(ops.engine(settings), submission_id, reason=reason, by=by, at=at)
    return conforming.run(settings, at=at)


def restore(settings: Settings, *, submission_id: str, reason: str, by: str, at: datetime) -> dict[str, Any]:
    """Takes a retraction back; the counterpart of ``retract`` in all it does, returns and raises."""
    submissions.restore(ops.engine(settings), submission_id, reason=reason, by=by, at=at)
    return conforming.run(settings, at=at)
