"""How a system behind HTTP is examined."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from jobs.settings import Settings
from jobs.sources.examination import CLOCK_SECONDS, SAMPLE, SET_CLOCK, Doubt, Look, Seen, sampled
from jobs.sources.interface import interface_of
from jobs.sources.model import Feed
from jobs.sources.reaching import known
from jobs.sources.rest import RestSource
from jobs.sources.secured import reached
from schemas import dialect as dialects


def looks(settings: Settings, feed: Feed, at: datetime, seen: Seen) -> Iterator[Look]:
    """Name, connection, TLS, credentials, clock, token, and some records."""
    yield from reached(settings, feed, at)
    interface = interface_of(feed.dialect)
    if interface.auth != "none":
        yield "credentials", lambda: known(settings, feed)
    with RestSource(feed, settings) as source:
        if interface.health is not None:
            yield "health", lambda: str(source.health().get("status"))
            yield "clock", lambda: _clock(source, at)
        if interface.auth == "bearer":
            yield "token", lambda: f"granted, {len(source.token() or '')} characters"
        yield "records", lambda: _records(source, feed, at, seen)


def _clock(source: RestSource, at: datetime) -> str:
    """How far the source's clock is away.

    Raises:
        Doubt: Too far, or it tells no instant: records that seem to come from the future are quarantined.
    """
    told = str(source.health().get("time"))
    try:
        shown = datetime.fromisoformat(told)
    except ValueError:
        raise Doubt("the source's clock tells no instant", SET_CLOCK) from None
    if shown.tzinfo is None:
        raise Doubt("the source's clock names no offset", SET_CLOCK)
    away = (shown - at).total_seconds()
    if abs(away) > CLOCK_SECONDS:
        raise Doubt(f"the source's clock is {away:+.0f} s away from the run's instant", SET_CLOCK)
    return f"{away:+.0f} s from the run's instant"


def _records(source: RestSource, feed: Feed, at: datetime, seen: Seen) -> str:
    layout = dialects.load(feed.dialect).layout
    return sampled(lambda since: source.sample(at, SAMPLE, since), layout, seen)
