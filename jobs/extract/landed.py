"""What a run's pulls brought, and who is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jobs import ops
from jobs.ops import sources as states
from jobs.ops import submissions
from jobs.settings import Settings


def landed(
    settings: Settings, *, feeds: Sequence[str], pulled: Mapping[str, str | None], at: datetime
) -> dict[str, Any]:
    """Sealed submissions of a run with their rows, and the feeds that failed with their reasons.

    Args:
        settings: Where the services are.
        feeds: What the run was to pull.
        pulled: Feeds whose pull ended, with the id of what it sealed; None where nothing was new.
        at: The run's instant; an error that was noted before it is no reason of this run.
    """
    engine = ops.engine(settings)
    known = states.known(engine)
    late = [{"source": name, "reason": _reason(known.get(name), at)} for name in feeds if name not in pulled]
    mine = [one for one in submissions.listed(engine, "sealed") if one.submission_id in set(pulled.values())]
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


def _reason(state: Mapping[str, Any] | None, at: datetime) -> str:
    if state and state["last_error"] and state["last_attempt_at"] >= at:
        return str(state["last_error"])
    return "the pull did not end"
