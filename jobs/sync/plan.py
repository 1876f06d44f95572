"""What a sync would do, without doing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jobs import extract, ops
from jobs.conform import pending as conforming
from jobs.merge.plan import pending
from jobs.ops import batches, cursors
from jobs.settings import Settings
from schemas.contract import REGISTERS


def plan(
    settings: Settings, *, at: datetime, sources: Sequence[str], registers: Sequence[str]
) -> dict[str, Any]:
    """Feeds to pull with where each stands, what a conform would take or leave, what waits for a merge.

    Spark is asked where something was retracted, restored or erased: for what shares a dossier with it.
    """
    engine = ops.engine(settings)
    conform, left_out = conforming.pending(settings, engine, None)
    feeds = extract.due(settings, patterns=sources)
    chosen = [r.value for r in REGISTERS if not registers or r.value in registers]
    waiting = {name: pending(engine, name) for name in chosen}
    return {
        "at": at.isoformat(),
        "pull": [{"source": name, "from": _from(cursors.get(engine, name))} for name in feeds],
        "conform": conform,
        "left_out": left_out,
        "unfinished": [
            {"kind": kind, "batch_id": found.batch_id}
            for kind, register in (("conform", None), *(("merge", name) for name in chosen))
            if (found := batches.planned(engine, kind=kind, register=register)) is not None
        ],
        "merge": {name: found["new"] if found else [] for name, found in waiting.items()},
    }


def _from(cursor: tuple[datetime, str] | None) -> str | None:
    return cursor[0].isoformat() if cursor else None
