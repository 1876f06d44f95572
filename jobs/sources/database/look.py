"""What ``sources check`` looks at in a database, step by step."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import sqlalchemy as sa

from jobs.errors import Refused
from jobs.landing.clocks import instant_of
from jobs.settings import Settings
from jobs.sources.database.connect import Server, is_secured
from jobs.sources.database.read import DatabaseSource
from jobs.sources.database.values import plain
from jobs.sources.examination import CLOCK_SECONDS, SAMPLE, SET_CLOCK, Doubt, Look, Seen, sampled
from jobs.sources.model import Feed
from jobs.sources.reaching import address, connected, known, named
from schemas import dialect as dialects
from schemas.dialect import Dialect

_WITHOUT_SNAPSHOT = sa.text(
    "select table_name, engine from information_schema.tables"
    " where table_schema = database() and engine in ('MyISAM', 'Aria', 'MEMORY', 'CSV')"
)


def looks(
    settings: Settings, feed: Feed, at: datetime, seen: Seen, *, clock: Callable[[], float] = time.time
) -> Iterator[Look]:
    """Name, connection, credentials, login, clock, grants, columns, rows, and some of them.

    The database's clock is compared with this machine's and not with the instant of the examination, which
    may be of another day's calendar.
    """
    del at
    yield "name", lambda: named(feed)
    yield "connection", lambda: connected(*address(feed)[1:])
    yield "credentials", lambda: known(settings, feed)
    yield "login", lambda: _logged_in(Server(feed, settings))
    yield "clock", lambda: _clock(Server(feed, settings), clock())
    yield "select", lambda: _selected(DatabaseSource(feed, settings))
    yield "schema", lambda: _schema(DatabaseSource(feed, settings))
    yield "rows", lambda: _rows(DatabaseSource(feed, settings), seen)
    yield "records", lambda: _records(DatabaseSource(feed, settings), seen)


def _logged_in(server: Server) -> str:
    with server.snapshot() as connection:
        version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
        kind = "MariaDB" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name
    return f"{kind} {version}, {'with' if is_secured(server.feed) else 'without'} TLS, read-only"


def _clock(server: Server, now: float) -> str:
    """Its clock beside this machine's: a change must not look younger or older than it is.

    Raises:
        Doubt: It is far away.
    """
    asked = "unix_timestamp(now(6))" if server.is_mysql else "extract(epoch from clock_timestamp())"
    with server.snapshot() as connection:
        away = float(str(connection.scalar(sa.text(f"select {asked}")))) - now
    if abs(away) > CLOCK_SECONDS:
        raise Doubt(
            f"the database's clock is {away:+.0f} s away from this machine's",
            SET_CLOCK,
        )
    return f"{away:+.0f} s from this machine's"


def _selected(source: DatabaseSource) -> str:
    """Whether the tables may be read, and can be read in a snapshot.

    Raises:
        Refused: One of them cannot.
    """
    words = set(re.findall(r"\w+", source.query.select.lower()))
    source.first()
    if source.server.is_mysql:
        with source.server.snapshot() as connection:
            for table, engine in connection.execute(_WITHOUT_SNAPSHOT):
                if str(table).lower() in words:
                    raise Refused(
                        f"{source.feed.feed_id}: the table {table} is kept by {engine}, which has no"
                        " snapshots: reading it would lock it.",
                        "ask the province for InnoDB, or for a copy in it.",
                    )
    return "granted, in one snapshot, without a lock"


def _schema(source: DatabaseSource) -> str:
    """How many of the mapped columns there are.

    Raises:
        Refused: The one by which changes are found is not.
    """
    dialect = dialects.load(source.feed.dialect)
    wanted, found = _wanted(dialect), set(source.columns())
    missing = sorted(wanted - found)
    if dialect.layout.changed in missing:
        raise Refused(
            f"{source.feed.feed_id}: the select gives no column {dialect.layout.changed}, by which changes"
            " are found.",
            f"name it in [table] of {source.feed.dialect}.toml, or correct changed in its [layout].",
        )
    absent = ", ".join(missing) or "none"
    return f"{len(wanted) - len(missing)} of {len(wanted)} mapped columns; absent: {absent}"


def _wanted(dialect: Dialect) -> set[str]:
    """Columns that the mapping reads."""
    paths = [one.path for readings in dialect.header.values() for one in readings]
    paths += [group.path for group in dialect.groups.values()]
    layout = dialect.layout
    return {path.partition(".")[0].removesuffix("[]") for path in paths} | {layout.identity, layout.changed}


def _rows(source: DatabaseSource, seen: Seen) -> str:
    with source.server.snapshot() as connection:
        rows, dated, newest = connection.execute(source.query.counts()).one()
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        seen.newest = instant_of(plain(newest), dialects.load(source.feed.dialect).layout.clock)
    told = f"{rows} rows, the newest change {newest or 'none'}"
    odd = int(rows) - int(dated)
    return f"{told}; {odd} without a change instant of our era come with every pull" if odd else told


def _records(source: DatabaseSource, seen: Seen) -> str:
    layout = dialects.load(source.feed.dialect).layout
    return sampled(lambda since: source.sample(SAMPLE, since), layout, seen)
