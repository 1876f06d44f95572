"""The adapter: pages of a query's rows, landed as lines of canonical JSON."""

from __future__ import annotations

import gzip
import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any, cast

import sqlalchemy as sa

from jobs.errors import Refused
from jobs.landing.clocks import instant_of
from jobs.landing.decoding import canonical_json
from jobs.settings import Settings
from jobs.sources.ahead import one_ahead
from jobs.sources.database.connect import Server
from jobs.sources.database.keyset import Place, Query
from jobs.sources.database.values import plain
from jobs.sources.delivery import Piece, Request
from jobs.sources.model import Feed
from jobs.sources.paging import can_be_kept
from schemas import dialect as dialects

_FETCH = 100
"""Rows that are asked of the server's cursor at a time: memory holds as many, and a page as it is packed."""
_PAGE_BYTES = 20_000_000
"""Of a page's lines, after which it ends early."""
_LEVEL = 3
"""Of gzip: the next ones take twice the time for a tenth of the size."""

Row = Mapping[str, Any]


class DatabaseSource:
    """Reads what changed in the tables of one province."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """Nothing is opened yet.

        Raises:
            UsageFault: The credentials are not there.
            DialectError: The mapping file states no ``[table]``.
        """
        dialect = dialects.load(feed.dialect)
        self.feed, self.server = feed, Server(feed, settings)
        self._layout = dialect.layout
        self.query = Query(
            dialects.select_of(dialect),
            dialect.layout,
            self.server.engine.dialect.identifier_preparer,
            self.server.is_mysql,
        )

    def pieces(self, request: Request) -> Generator[Piece, None, None]:
        """Pages after the one that was landed last, in the order of (change instant, identity).

        All of a delivery is read in one snapshot. A pull that was killed goes on in a snapshot of its own:
        what changed in between comes as the newer version that it is. While a page is landed, the next is
        read.
        """
        return one_ahead(self._pieces(request))

    def _pieces(self, request: Request) -> Generator[Piece, None, None]:
        place, number = Place.of(request.resume), int(request.resume.get("page", 0))
        with self.server.snapshot() as connection:
            for section, statement in self.query.parts(request.window, place):
                for page in self._pages(self._rows(connection, statement), section, place):
                    number += 1
                    place = page.place or place
                    yield self._piece(page, place, number)

    def keys(self, since: datetime | None) -> Generator[dict[str, Any], None, None]:
        """The identity of every row, or of those that changed since an instant."""
        with self.server.snapshot() as connection:
            for row in self._rows(connection, self.query.keys(since)):
                yield {name: plain(value) for name, value in row.items()}

    def columns(self) -> list[str]:
        """Names of the columns that the ``select`` gives."""
        with self.server.snapshot() as connection:
            return list(connection.execute(self.query.some(1, None)).keys())

    def first(self) -> Row:
        """One row as it would be landed, to see how the source writes; empty where there is none."""
        return next(iter(self.sample(1)), {})

    def sample(self, size: int, since: datetime | None = None) -> list[Row]:
        """Some rows as they would be landed: the first that changed since an instant, or any."""
        with self.server.snapshot() as connection:
            return [_record(row) for row in self._rows(connection, self.query.some(size, since))]

    def _rows(self, connection: sa.Connection, statement: sa.TextClause) -> Iterator[Row]:
        """Rows through a cursor of the server's, as the driver gives them."""
        options = {"stream_results": True, "yield_per": _FETCH}
        found = connection.execute(statement, execution_options=options)
        self._demand(list(found.keys()))
        try:
            for row in found.mappings():
                yield cast("Row", row)  # Its keys are texts.
        except UnicodeDecodeError as error:
            raise Refused(
                f"{self.feed.feed_id}: a text of the database is not in the character set of its column.",
                f"select hex(…) of such columns in [table] of {self.feed.dialect}.toml, or ask the province.",
            ) from error

    def _demand(self, names: Sequence[str]) -> None:
        """Refuses columns that cannot become a record."""
        remedy = f"name every column once, as the mapping writes it, in [table] of {self.feed.dialect}.toml."
        for name in names:
            if names.count(name) > 1:
                raise Refused(f"{self.feed.feed_id}: the select gives the column {name} twice.", remedy)
        if self._layout.identity not in names:
            raise Refused(f"{self.feed.feed_id}: the select gives no column {self._layout.identity}.", remedy)

    def _pages(self, rows: Iterator[Row], section: str, after: Place | None) -> Iterator[_Page]:
        """Rows in pages that end between two places, so that going on from one leaves none out."""
        page = _Page()
        for row, following in pairwise(chain(rows, [None])):
            if row is None:
                return
            place = self._place(section, row)
            if place is None or place != after:
                page.add(_record(row), place, self._instant(row))
            is_full = page.rows >= self.feed.page_size or page.size >= _PAGE_BYTES
            is_between = following is None or (is_full and self._place(section, following) != place)
            if page.rows and is_between:
                yield page
                page = _Page()

    def _place(self, section: str, row: Row) -> Place | None:
        """The place of a row; None where ``ops`` cannot keep it, so that no page can end there."""
        raw = {"changed": row.get(self._layout.changed), "identity": row[self._layout.identity]}
        changed, identity = plain(raw["changed"]), plain(raw["identity"])
        if not all(isinstance(one, int) or can_be_kept(one) for one in (changed or "none", identity)):
            return None
        numbers = tuple(name for name, value in raw.items() if isinstance(value, Decimal))
        return Place(section, changed, identity, numbers)

    def _instant(self, row: Row) -> tuple[datetime, str] | None:
        """Change instant, in UTC, and id of a row that tells them."""
        name = str(plain(row[self._layout.identity]))
        try:
            changed = instant_of(plain(row.get(self._layout.changed)), self._layout.clock)
        except (TypeError, ValueError, OverflowError):
            return None
        return (changed, name) if can_be_kept(name) else None

    def _piece(self, page: _Page, place: Place | None, number: int) -> Piece:
        resume = {"place": place.told() if place else None, "page": number}
        return Piece("page", page.packed(), "ndjson.gz", rows=page.rows, resume=resume, newest=page.newest)


class _Page:
    """Lines of rows, packed as they come: the same rows, the same bytes."""

    def __init__(self) -> None:
        self.rows = self.size = 0
        self.place: Place | None = None
        """Of the last row that has one."""
        self.newest: tuple[datetime, str] | None = None
        self._packed = io.BytesIO()
        self._lines = gzip.GzipFile("", "wb", _LEVEL, self._packed, mtime=0)

    def add(self, record: Row, place: Place | None, newest: tuple[datetime, str] | None) -> None:
        """One more row."""
        line = f"{canonical_json(record)}\n".encode()
        self._lines.write(line)
        self.rows, self.size = self.rows + 1, self.size + len(line)
        self.place, self.newest = place or self.place, newest or self.newest

    def packed(self) -> bytes:
        """The page's bytes; no row can be added any more."""
        self._lines.close()
        return self._packed.getvalue()


def _record(row: Row) -> Row:
    """What is landed of a row: without NULL, so that a new column leaves the rows of before as they were."""
    return {name: told for name, value in row.items() if (told := plain(value)) is not None}
