"""Which files of a folder are whole: an upload that is under way looks like a file.

Three rules, one of which a feed states as ``settled``:

* ``whole``: every file that is there. Of a bucket, whose objects are whole by the protocol, and of folders
  into which files are moved when they are complete.
* ``marker``: a file with ``NAME.done`` beside it that is no older than it. The sender says so.
* ``size``: a file that an earlier pull, ``settle_minutes`` ago by the runs' instants, saw with the same size
  and time of change. Two words of one server and two instants of our own are compared, so that no clock
  must agree with another. It waits for the next pull, not in a sleep, and what was seen is kept in ``ops``.
  Age by the server's clock would need that clock, which SFTP does not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from jobs.sources.folders import Entry

Rule = Literal["whole", "marker", "size"]
Looks = Mapping[str, Mapping[str, Any]]
"""What a pull saw and had not landed, by name: ``stamp``, ``since`` when it is the same, ``why`` it waits."""
MARKER = ".done"
CHANGED = "it changed while it was read"


def sorted_out(
    entries: Iterable[Entry], rule: Rule, before: Looks, *, at: datetime, minutes: int
) -> tuple[list[Entry], dict[str, dict[str, Any]]]:
    """The files that are whole, in the given order, and what the others wait for.

    Args:
        entries: A listing, markers included.
        rule: How a file is known to be whole.
        before: What the pull before saw.
        at: Instant of this pull.
        minutes: How long ago a file must have been seen as it is; of ``size`` alone.

    Returns:
        A file that is refused unread counts as whole. Markers are no files.
    """
    markers: dict[str, float] = {}
    files = []
    for entry in entries:
        if rule == "marker" and entry.name.endswith(MARKER):
            markers[entry.name.removesuffix(MARKER)] = entry.modified
        else:
            files.append(entry)
    whole, looks = [], {}
    for entry in files:
        since, why = _since(entry, before, at), None
        if rule == "marker":
            why = _unmarked(entry, markers)
        elif rule == "size" and (since >= at or at - since < timedelta(minutes=minutes)):
            why = f"it must stay the same for {minutes} minutes"
        if entry.refusal is not None or why is None:
            whole.append(entry)
        if entry.refusal is None and (why is not None or rule == "size"):
            looks[entry.shown] = look(entry, since, why)
    return whole, looks


def look(entry: Entry, since: datetime, why: str | None) -> dict[str, Any]:
    """What is kept of a file that was seen; ``why`` it waits, None where it does not."""
    return {"stamp": entry.stamp, "since": since.isoformat(), "why": why}


def waiting(looks: Looks) -> dict[str, str]:
    """Why each file waits that does, by name."""
    return {name: one["why"] for name, one in looks.items() if one["why"] is not None}


def overdue(looks: Looks, *, at: datetime, hours: int) -> int:
    """How many files wait for longer than that without a change."""
    limit = at - timedelta(hours=hours)
    return sum(datetime.fromisoformat(looks[name]["since"]) < limit for name in waiting(looks))


def _since(entry: Entry, before: Looks, at: datetime) -> datetime:
    """Since when a file is known to be as it is."""
    known = before.get(entry.shown)
    if known is None or known["stamp"] != entry.stamp:
        return at
    return datetime.fromisoformat(known["since"])


def _unmarked(entry: Entry, markers: Mapping[str, float]) -> str | None:
    if entry.name not in markers:
        return f"it has no {MARKER} beside it"
    return f"its {MARKER} is older than it" if markers[entry.name] < entry.modified else None
