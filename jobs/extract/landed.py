"""What a run's pulls brought, and who is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jobs import ops
from jobs.ops import sources as states
from jobs.ops import submissions
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from jobs.sources import model


def landed(
    settings: Settings, *, feeds: Sequence[str], pulled: Mapping[str, str | None], at: datetime
) -> dict[str, Any]:
    """Sealed submissions of a run with their rows, and the feeds that failed with their reasons.

    A source's file that cannot be used is late too, by its own name.

    Args:
        settings: Where the services are.
        feeds: What the run was to pull.
        pulled: Feeds whose pull ended, with the id of what it sealed; None where nothing was new.
        at: The run's instant; an error that was noted before it is no reason of this run.
    """
    engine = ops.engine(settings)
    known = states.known(engine)
    late = [{"source": name, "reason": _reason(known.get(name), at)} for name in feeds if name not in pulled]
    late += [{"source": file, "reason": fault} for file, fault in model.sources(settings).faults.items()]
    mine = [
        one
        for one in submissions.listed(engine, "sealed")
        if one.submission_id in set(pulled.values()) or _broke_off(one, feeds, pulled, at)
    ]
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


def _broke_off(one: Submission, feeds: Sequence[str], pulled: Mapping[str, str | None], at: datetime) -> bool:
    """Whether a pull of the run sealed what came before its delivery broke off."""
    is_failed = one.feed_id in feeds and one.feed_id not in pulled
    return is_failed and one.received_at is not None and one.received_at >= at


def _reason(state: Mapping[str, Any] | None, at: datetime) -> str:
    if state and state["last_error"] and state["last_attempt_at"] >= at:
        return str(state["last_error"])
    return "the pull did not end"
