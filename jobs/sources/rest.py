"""A one-stop system behind HTTP: its change feed page by page, as the dialect's interface says."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from jobs.errors import Refused, UsageFault
from jobs.landing.rows import MAX_PAGE_BYTES
from jobs.settings import Settings
from jobs.sources.ahead import one_ahead
from jobs.sources.client import Client, TooLong
from jobs.sources.course import Course
from jobs.sources.delivery import Piece, Request, Window
from jobs.sources.interface import interface_of
from jobs.sources.model import Feed
from jobs.sources.paging import Page, Pages
from schemas import dialect as dialects
from schemas.statistic import COUNTS

_PAGE_TRIES = 3
"""How often a page that is not JSON is asked for before it is kept as unreadable."""
_MAX_KEYS_BYTES = 100_000_000
"""Of a source's whole list of keys: a million have less."""


class RestSource:
    """Reads the change feed of one province, over connections that end with a ``with``."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """A client that is polite to the source: its rate, its patience, its Retry-After."""
        self._feed = feed
        self._interface = interface_of(feed.dialect)
        self._layout = dialects.load(feed.dialect).layout
        self._client = Client(feed, self._interface, settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, trace)

    def pieces(self, request: Request) -> Generator[Piece, None, None]:
        """Pages from where the request resumes, in the source's order, to the one that passes the window.

        That page is landed as it was received; its items from beyond the window do no harm. The last
        page tells of trouble. While a page is at work, the next is asked for.
        """
        return one_ahead(self._pieces(request))

    def _pieces(self, request: Request) -> Generator[Piece, None, None]:
        if request.resume.get("done"):
            return
        course, pages = Course.resumed(request.resume), self._pages(request.at)
        while not course.is_done:
            course.page += 1
            try:
                data, page = self._page(pages, course, request.window)
            except TooLong as fault:
                why = f"page {course.page} is too long"
                yield course.broken_off(fault.data, why, f"{why}; its beginning is kept. {fault}")
                return
            if page is None:
                why = f"page {course.page} is unreadable after {_PAGE_TRIES} tries"
                yield course.broken_off(data, why, None)
                return
            yield from course.passed(data, page, self._layout, request.window)

    def keys(self, since: datetime | None) -> list[dict[str, Any]]:
        """Keys of every version since an instant, for finding what was missed or deleted.

        Raises:
            UsageFault: The dialect's interface has no list of keys.
        """
        path = self._interface.keys
        if path is None:
            raise UsageFault(
                f"{self._feed.feed_id}: systems of {self._feed.dialect} have no list of keys.",
                "compare with the source's counts; or state keys in [interface] of the mapping file.",
            )
        written = self._pages(since).written(since) if since else ""
        params = {self._interface.paging.since: written} if since else {}
        answer = self._client.get(path, params, most=_MAX_KEYS_BYTES)
        return list(self._client.told(answer, "keys", list))

    def statistics(self, begins: datetime, until: datetime) -> dict[str, int]:
        """The counts of a period that the source tells.

        Raises:
            UsageFault: The dialect's interface states none.
            Refused: It tells none, or other ones.
            Unreachable: The source stays silent.
        """
        stated = self._interface.statistics
        if stated is None:
            raise UsageFault(
                f"{self._feed.feed_id}: systems of {self._feed.dialect} tell no counts.",
                "state [interface.statistics] in the mapping file.",
            )
        written = self._pages(until).written
        answer = self._client.get(stated.path, {stated.begins: written(begins), stated.until: written(until)})
        told: Any = self._client.told(answer, None, dict)
        for step in stated.counts.split(".") if stated.counts else ():
            told = told.get(step) if isinstance(told, dict) else None
        found = {name: told.get(name) if isinstance(told, dict) else None for name in COUNTS}
        counts = {name: number for name, number in found.items() if type(number) is int and number >= 0}
        if missing := sorted(found.keys() - counts.keys()):
            raise Refused(
                f"{self._feed.feed_id}: {stated.path} tells no number as {', '.join(missing)}.",
                "compare [interface.statistics] of the mapping file with what the source answers.",
            )
        return counts

    def health(self) -> dict[str, Any]:
        """What the source tells of itself, its clock above all; nothing where it tells none."""
        if self._interface.health is None:
            return {}
        return dict(self._client.told(self._client.send("GET", self._interface.health), None, dict))

    def token(self) -> str | None:
        """A bearer token; None where the interface knows none."""
        return self._client.token() if self._interface.auth == "bearer" else None

    def sample(self, at: datetime, size: int, since: datetime | None = None) -> list[Any]:
        """The items of one page, to see how the source writes.

        Raises:
            Refused: It answers no page.
        """
        pages, window = self._pages(at, min(size, self._feed.page_size)), Window(since=since)
        answer = self._client.get(self._interface.dossiers, pages.asked(None, window), most=MAX_PAGE_BYTES)
        page = pages.read(answer.content, None, window, 0)
        if page is None:
            raise Refused(
                f"{self._feed.feed_id}: {self._interface.dossiers} answers no page with a list"
                f" {self._layout.items}.",
                "compare [layout] and [interface] of the mapping file with what the source sends.",
            )
        return page.items

    def _pages(self, at: datetime, size: int | None = None) -> Pages:
        return Pages(self._interface.paging, self._layout, size or self._feed.page_size, at)

    def _page(self, pages: Pages, course: Course, window: Window) -> tuple[bytes, Page | None]:
        data, params = b"", pages.asked(course.cursor, window)
        for _ in range(_PAGE_TRIES):
            data = self._client.get(self._interface.dossiers, params, most=MAX_PAGE_BYTES).content
            if (page := pages.read(data, course.cursor, window, course.seen)) is not None:
                return data, page
        return data, None
