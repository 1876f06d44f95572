"""Whether every source has succeeded lately enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jobs import ops
from jobs.errors import IntegrityFault
from jobs.ops import sources as states
from jobs.settings import Settings
from jobs.sources import model


def freshness(settings: Settings, *, at: datetime) -> list[dict[str, Any]]:
    """Each feed with its last success, its last error and whether it is late, in order of feed ids."""
    known = states.known(ops.engine(settings))
    return [_of(feed, known.get(name, {}), at) for name, feed in sorted(model.load(settings).items())]


def _of(feed: model.Feed, state: Any, at: datetime) -> dict[str, Any]:
    success = state.get("last_success_at")
    if feed.schedule == "@once":
        late = success is None and state.get("last_attempt_at") is not None
    else:
        late = success is None or at - success > timedelta(hours=feed.late_after_hours)
    return {
        "source": feed.feed_id,
        "province": feed.province_code,
        "is_paused": bool(state.get("is_paused")),
        "last_success_at": success,
        "last_attempt_at": state.get("last_attempt_at"),
        "last_error": state.get("last_error"),
        "is_late": late and not state.get("is_paused"),
    }


def demand(settings: Settings, *, at: datetime) -> dict[str, Any]:
    """The number of fresh feeds.

    Raises:
        IntegrityFault: Some are late, or a source's file cannot be used; the message names each.
    """
    told = freshness(settings, at=at)
    late = [
        f"{one['source']}: {one['last_error'] or 'no success yet'}" for one in told if one["is_late"]
    ] + list(model.sources(settings).faults.values())
    if late:
        raise IntegrityFault(
            f"Of {len(told)} sources {len(late)} are late: {'; '.join(late)}.",
            "lienthong sources check tells of each what is wrong.",
        )
    return {"fresh": len(told)}
