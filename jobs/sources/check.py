"""What is wrong with a source, in seconds, and what to do: the steps of every kind."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Any

from jobs.errors import Refused
from jobs.landing.shaping import shaped
from jobs.settings import Settings
from jobs.sources.examination import Examination, Examiner, Look, Seen, carried_out
from jobs.sources.model import Feed
from schemas import dialect as dialects

_FEW = 0.3


def examined(
    settings: Settings, feed: Feed, *, at: datetime, since: datetime | None = None, names: bool = False
) -> Examination:
    """A source looked at step by step; the first vital step that fails ends it.

    Args:
        settings: Credentials, and where the landing is.
        feed: The feed.
        at: The instant.
        since: Where it was read to; newer records are looked at.
        names: Whether names of files are told: a name may be a person's.
    """
    seen = Seen(since=since, names=names)
    with closing(_looks(settings, feed, at, seen)) as looks:
        return carried_out(looks, seen)


def check(settings: Settings, feed: Feed, *, at: datetime, names: bool = False) -> list[dict[str, Any]]:
    """The steps of an examination as plain values."""
    return [asdict(step) for step in examined(settings, feed, at=at, names=names).steps]


def examiner_of(feed: Feed) -> Examiner:
    """How a feed of its kind is examined; what a kind speaks is imported by those who have one."""
    if feed.kind == "directory":
        from jobs.sources import files  # noqa: PLC0415

        return files.looks
    if feed.kind == "database":
        from jobs.sources import database  # noqa: PLC0415

        return database.looks
    if feed.kind == "soap":
        from jobs.sources.population import look  # noqa: PLC0415

        return look.looks
    from jobs.sources import web  # noqa: PLC0415

    return web.looks


def _looks(settings: Settings, feed: Feed, at: datetime, seen: Seen) -> Generator[Look, None, None]:
    yield "mapping", lambda: f"dialect {dialects.load(feed.dialect).name} is readable"
    yield from examiner_of(feed)(settings, feed, at, seen)
    if seen.records:
        yield "dialect", lambda: _spoken(feed, seen)


def _spoken(feed: Feed, seen: Seen) -> str:
    """How much of the mapping's header the records have.

    Raises:
        Refused: Hardly anything: it is another system.
    """
    shares = {name: _share(dialects.load(name), seen) for name in dialects.names()}
    mine = shares[feed.dialect]
    told = f"{mine:.0%} of the fields that {feed.dialect}.toml reads are in {len(seen.records)} records"
    best = max(shares, key=lambda name: (shares[name], name == feed.dialect))
    if mine < _FEW:
        hint = f"; it reads like {best}" if shares[best] > 2 * max(mine, _FEW / 2) else ""
        raise Refused(f"only {told}{hint}", "correct the source's file or its mapping.")
    return told


def _share(dialect: dialects.Dialect, seen: Seen) -> float:
    """Share of the header's fields that a record has at one of their places."""
    names = {key for record in seen.records for key in shaped(record, dialect.shapings)}
    fields = [
        any(one.path.partition(".")[0].removesuffix("[]") in names for one in readings)
        for readings in dialect.header.values()
    ]
    return sum(fields) / len(fields)
