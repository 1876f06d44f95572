"""What earlier pulls of a folder landed, and saw without landing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from jobs.ops import submissions
from jobs.sources.model import Feed


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of a folder's files."""

    known: frozenset[tuple[str, str]] = frozenset()
    """(name, sha-256) of files that were landed, also in submissions that are retracted by now."""
    stamps: frozenset[tuple[str, str]] = frozenset()
    """(name, stamp) of such files, where a stamp was kept: as they were landed, or met again unchanged."""
    looks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the last pull that looked saw and had not landed."""


def earlier(engine: sa.Engine, feed: Feed) -> Earlier:
    """What ``ops`` knows; nothing of a feed that is no directory."""
    if feed.kind != "directory":
        return Earlier()
    mine = [one for one in submissions.listed(engine) if one.feed_id == feed.feed_id]
    entries = [
        entry
        for one in mine
        if one.manifest
        for part in ("objects", "refused")
        for entry in one.manifest[part]
    ]
    looked = [one.progress["looks"] for one in mine if "looks" in one.progress]
    return Earlier(
        known=frozenset((entry["name"], entry.get("offered", entry["sha256"])) for entry in entries),
        stamps=frozenset(
            [(entry["name"], entry["stamp"]) for entry in entries if "stamp" in entry]
            + [pair for one in mine for pair in one.progress.get("stamps", {}).items()]
        ),
        looks=looked[-1] if looked else {},
    )
