"""How a folder or a bucket's prefix is examined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from jobs import objects
from jobs.landing.rows import rows_of
from jobs.settings import Settings
from jobs.sources.directory import DirectorySource, form_of, refusal_of
from jobs.sources.examination import SAMPLE, Doubt, Look, Seen
from jobs.sources.model import Feed
from schemas import dialect as dialects


def looks(settings: Settings, feed: Feed, at: datetime, seen: Seen) -> Iterator[Look]:
    """Whether it is there, and what its newest file holds."""
    del at
    source = DirectorySource(feed, objects.client(settings))
    yield "folder", lambda: f"{len(source.names())} files match in {Path(feed.url).name or feed.url}"
    yield "file", lambda: _newest(source, feed, seen)


def _newest(source: DirectorySource, feed: Feed, seen: Seen) -> str:
    """What the newest file is; its name, which may be a person's, is not told.

    Raises:
        Doubt: It cannot be taken: the files before it can.
    """
    changed = source.changed()
    if not changed:
        return "no file to look at yet"
    name = max(changed, key=lambda one: (changed[one] or datetime.min.replace(tzinfo=UTC), one))
    seen.newest = changed[name]
    if (refusal := source.unread(name)) is not None:
        raise Doubt(f"the newest file is refused: {refusal}", "tell the province.")
    data, form = source.read(name), form_of(name)
    if (refusal := refusal_of(data, form)) is not None:
        raise Doubt(f"the newest file is refused: {refusal}", "tell the province.")
    rows = [*islice(rows_of(data, form, dialects.load(feed.dialect).layout), SAMPLE)]
    seen.records = [row.record for row in rows if row.record is not None]
    if bad := len(rows) - len(seen.records):
        raise Doubt(f"of the first {len(rows)} rows {bad} cannot be read", "tell the province.")
    return f"{form}, {len(data)} bytes, the first {len(rows)} rows can be read"
