"""What the gate looks at: numbers of one submission, from its profile and its feed's history alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from expectations.calendar import working_days
from expectations.thresholds import HISTORY, LEAST_EXPECTED, LEAST_HISTORY, LEAST_ROWS

Profile = Mapping[str, Any]
"""One submission's profile of its dossiers, as ``jobs.quality.profiles`` makes it."""
_DAY_SECONDS = 86_400


def measures(
    profile: Profile, history: Sequence[Profile], drifts: Sequence[str] = ()
) -> dict[str, float | None]:
    """The measures of a submission; None where there is too little to judge by.

    Args:
        profile: The submission's profile.
        history: Profiles of earlier accepted submissions of its feed, oldest first.
        drifts: What its source's policy says of each drift that it shows: accept, warn or refuse.
    """
    rows, counts = profile["rows"], profile["counts"]
    unreadable = profile["unreadable"]
    is_enough = rows >= LEAST_ROWS
    recent = [one for one in history if one["rows"] >= LEAST_ROWS][-HISTORY:]
    quarantined = quarantined_share(profile)
    return {
        "unreadable_share": unreadable / rows if is_enough else None,
        "quarantined_share": quarantined,
        "key_missing_share": _share(profile["missing"] - unreadable, rows - unreadable),
        "duplicate_share": _share(counts.get("disposition:duplicate", 0), rows),
        "unknown_code_share": _unknown(counts, rows - unreadable),
        "violations_left": float(profile["left"]),
        "stale_days": _stale_days(profile),
        "volume_ratio": _volume_ratio(profile, history),
        "quarantined_rise": _rise(quarantined, [quarantined_share(one) for one in recent]),
        "status_drift": _drift("status:", profile, recent),
        "procedure_drift": _drift("procedure:", profile, recent),
        "drifts_refused": float(drifts.count("refuse")),
        "drifts_warned": float(drifts.count("warn")),
    }


def quarantined_share(profile: Profile) -> float | None:
    """Share of quarantined rows among those that are new and readable."""
    counts = profile["counts"]
    known = counts.get("disposition:duplicate", 0) + counts.get("disposition:unreadable", 0)
    return _share(counts.get("disposition:quarantined", 0), profile["rows"] - known)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole >= LEAST_ROWS else None


def _unknown(counts: Mapping[str, int], readable: int) -> float | None:
    lists = ("status", "procedure", "channel")
    return _share(max(counts.get(f"{name}:other", 0) for name in lists), readable)


def _stale_days(profile: Profile) -> float | None:
    """Days from the newest change of the source to its receipt; None where rows bear no change instant."""
    if profile["last"] is None:
        return None
    age = datetime.fromisoformat(profile["received_at"]) - datetime.fromisoformat(profile["last"])
    return age.total_seconds() / _DAY_SECONDS


def _volume_ratio(profile: Profile, history: Sequence[Profile]) -> float | None:
    """Rows against those that the feed's own pace lets expect.

    Only pulls that go on from a cursor are compared, by rows for each working day that they cover:
    a first or a full pull brings months, a catch-up several days, a weekend nothing.
    """
    days = _days(profile)
    paces = [one["rows"] / _days(one) for one in history if _days(one)][-HISTORY:]
    if not days or len(paces) < LEAST_HISTORY:
        return None
    expected = median(paces) * days
    return profile["rows"] / expected if expected >= LEAST_EXPECTED else None


def _days(profile: Profile) -> int:
    if profile["since"] is None:
        return 0
    return working_days(
        datetime.fromisoformat(profile["since"]), datetime.fromisoformat(profile["received_at"])
    )


def _rise(share: float | None, before: Sequence[float | None]) -> float | None:
    known = [one for one in before if one is not None]
    if share is None or len(known) < LEAST_HISTORY:
        return None
    return share - median(known)


def _drift(prefix: str, profile: Profile, recent: Sequence[Profile]) -> float | None:
    """Half the sum of the differences of shares: 0 for the same mix, 1 for nothing in common."""
    pooled: dict[str, int] = {}
    for one in recent:
        for name, number in _codes(prefix, one).items():
            pooled[name] = pooled.get(name, 0) + number
    mine = _codes(prefix, profile)
    if len(recent) < LEAST_HISTORY or sum(mine.values()) < LEAST_ROWS or not pooled:
        return None
    shares = ({name: n / sum(mix.values()) for name, n in mix.items()} for mix in (mine, pooled))
    own, usual = shares
    return sum(abs(own.get(name, 0) - usual.get(name, 0)) for name in own.keys() | usual.keys()) / 2


def _codes(prefix: str, profile: Profile) -> dict[str, int]:
    return {name: number for name, number in profile["counts"].items() if name.startswith(prefix)}
