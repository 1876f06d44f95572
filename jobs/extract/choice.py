"""Which feeds a run pulls."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch

from jobs import ops
from jobs.errors import UsageFault
from jobs.ops import sources as states
from jobs.settings import Settings
from jobs.sources import model


def due(settings: Settings, *, patterns: Sequence[str] = ()) -> list[str]:
    """Feeds that are due and not paused, in order; those that match a pattern when patterns are given.

    A named feed is pulled whether it is due or not, unless it is paused.

    Raises:
        UsageFault: A pattern matches no feed.
    """
    feeds, known = model.load(settings), states.known(ops.engine(settings))
    active = [name for name in feeds if not known.get(name, {}).get("is_paused")]
    if patterns:
        for pattern in patterns:
            if not any(fnmatch(name, pattern) for name in feeds):
                raise UsageFault(f"No feed matches {pattern!r}.", "lienthong sources list shows them.")
        return sorted(name for name in active if any(fnmatch(name, pattern) for pattern in patterns))
    succeeded = {name for name, state in known.items() if state["last_success_at"] is not None}
    return sorted(name for name in active if feeds[name].is_due(succeeded=name in succeeded))
