"""What a source has and we never landed, by the source's own list of keys."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from jobs import objects, ops
from jobs.errors import UsageFault
from jobs.landing import manifests
from jobs.landing.records import ERASED
from jobs.landing.rows import rows_of
from jobs.ops import submissions
from jobs.settings import Settings
from jobs.sources import model
from jobs.sources.database import DatabaseSource
from jobs.sources.model import Feed
from jobs.sources.rest import RestSource
from schemas import dialect as dialects


def missed(settings: Settings, *, feed_id: str, since: datetime | None = None) -> dict[str, Any]:
    """Compares a source's list of keys with the bytes that were landed; nothing stored is believed.

    Args:
        settings: Where the services are.
        feed_id: A feed by HTTP, or a database.
        since: Only keys that changed since; all when None.

    Returns:
        Numbers of ``keys`` at the source, of ``landed`` ones, and of ``unreadable`` rows and those
        ``erased`` by law, whose keys nobody can tell; ``missed``, the source's ids that no row has, in
        order; and ``gone``, the number of landed ids that the source has no more, None with ``since``.
        What changed after the last pull is missed until the next one.

    Raises:
        UsageFault: The feed has no list of keys.
        Unreachable: The source does not answer.
    """
    feed = model.one(settings, feed_id)
    layout = dialects.load(feed.dialect).layout
    with closing(_keys(settings, feed, since)) as told:
        keys = {str(key[layout.identity]) for key in told}
    rows = [*_landed(settings, feed_id)]
    landed = {name for name, _ in rows if name is not None}
    erased = rows.count((None, ERASED))
    return {
        "source": feed_id,
        "keys": len(keys),
        "landed": len(landed),
        "unreadable": sum(name is None for name, _ in rows) - erased,
        "erased": erased,
        "missed": sorted(keys - landed, key=lambda name: (len(name), name)),
        "gone": None if since else len(landed - keys),
    }


def _keys(settings: Settings, feed: Feed, since: datetime | None) -> Generator[Mapping[str, Any], None, None]:
    if feed.kind == "rest":
        with RestSource(feed, settings) as source:
            yield from source.keys(since)
    elif feed.kind == "database":
        with closing(DatabaseSource(feed, settings).keys(since)) as keys:
            yield from keys
    else:
        raise UsageFault(
            f"{feed.feed_id} is a {feed.kind}: it has no list of keys.", "name a feed by HTTP or a database."
        )


def _landed(settings: Settings, feed_id: str) -> Iterator[tuple[str | None, str | None]]:
    """Id of every landed row at its source, None where it has none that can be read, and its error."""
    store = objects.client(settings)
    for one in submissions.listed(ops.engine(settings)):
        if one.feed_id != feed_id:
            continue
        manifest = one.manifest or {}
        for entry in manifest.get("objects", []):
            data = objects.fetched(store, settings.landing_bucket, entry["key"])
            layout = manifests.layout_of(manifest, entry)
            for row in rows_of(data, entry["format"], layout):
                name = None if row.record is None else row.record.get(layout.identity)
                yield None if name is None else str(name), row.error
