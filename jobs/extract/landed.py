"""What a run's pulls brought, and who is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jobs import ops
from jobs.ops import sources as states
from jobs.ops import submissions
from jobs.settings import Settings


def landed(settings: Settings, *, feeds: Sequence[str], at: datetime) -> dict[str, Any]:
    """Sealed submissions of a run with their rows, and the feeds that failed with their reasons."""
    engine = ops.engine(settings)
    known = states.known(engine)
    late = [
        {"source": name, "reason": _reason(known.get(name))}
        for name in feeds
        if not _succeeded(known.get(name), at)
    ]
    sealed = [one for one in submissions.listed(engine, "sealed") if one.received_at == at]
    mine = [one for one in sealed if one.feed_id in set(feeds)]
    objects = [entry for one in mine for entry in (one.manifest or {})["objects"]]
    return {
        "feeds": len(feeds),
        "submissions": len(mine),
        "objects": len(objects),
        "rows": sum(entry["rows"] for entry in objects),
        "bytes": sum(entry["bytes"] for entry in objects),
        "refused": sum(len((one.manifest or {})["refused"]) for one in mine),
        "late": late,
    }


def _succeeded(state: Any, at: datetime) -> bool:
    return bool(state and state["last_attempt_at"] == at and state["last_error"] is None)


def _reason(state: Any) -> str:
    return str(state["last_error"]) if state and state["last_error"] else "the pull did not end"
