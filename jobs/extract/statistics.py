"""The counts that a source tells of its dossiers, asked for at every run and kept in ops."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from jobs.errors import LienthongError
from jobs.ops import statistics
from jobs.settings import Settings
from jobs.sources.model import Feed
from schemas.zone import HANOI


def kept(settings: Settings, engine: Engine, feed: Feed, at: datetime) -> dict[str, str]:
    """Asks a feed's source for the counts of the month up to now, where it tells any, and keeps them.

    Whatever becomes of it, what was pulled is pulled: ``statistics`` says ``kept`` or why not.
    """
    if feed.kind != "rest":
        return {}
    from jobs.sources.interface import interface_of  # noqa: PLC0415  (HTTP is imported by those who speak it)
    from jobs.sources.rest import RestSource  # noqa: PLC0415

    if interface_of(feed.dialect).statistics is None:
        return {}
    local = at.astimezone(HANOI)
    begins = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    try:
        with RestSource(feed, settings) as source:
            counts = source.statistics(begins, at)
    except LienthongError as fault:
        return {"statistics": fault.message}
    statistics.keep(engine, feed.feed_id, begins=begins, until=at, counts=counts)
    return {"statistics": "kept"}
