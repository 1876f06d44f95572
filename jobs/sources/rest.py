"""A one-stop system behind HTTP: its change feed page by page, as the dialect's interface says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

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

_PAGE_TRIES = 3
"""How often a page that is not JSON is asked for before it is kept as unreadable."""
_MAX_KEYS_BYTES = 100_000_000
"""Of a source's whole list of keys: a million have less."""


class RestSource:
    """Reads the change feed of one province."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """A client that is polite to the source: its rate, its patience, its Retry-After."""
        self._feed = feed
        self._interface = interface_of(feed.dialect)
        self._layout = dialects.load(feed.dialect).layout
        self._client = Client(feed, self._interface, settings)

    def pieces(self, request: Request) -> Iterator[Piece]:
        """Pages from where the request resumes, in the source's order, to the one that passes the window.

        That page is landed as it was received; its items from beyond the window do no harm. The last
        page tells of trouble. While a page is at work, the next is asked for.
        """
        return one_ahead(self._pieces(request))

    def _pieces(self, request: Request) -> Iterator[Piece]:
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

    def health(self) -> dict[str, Any]:
        """What the source tells of itself, its clock above all; nothing where it tells none."""
        if self._interface.health is None:
            return {}
        return dict(self._client.told(self._client.send("GET", self._interface.health), None, dict))

    def token(self) -> str | None:
        """A bearer token; None where the interface knows none."""
        return self._client.token() if self._interface.auth == "bearer" else None

    def first(self, at: datetime) -> dict[str, Any]:
        """The first item, to see how the source writes."""
        pages = self._pages(at, 1)
        answer = self._client.get(self._interface.dossiers, pages.asked(None, Window()), most=MAX_PAGE_BYTES)
        page = pages.read(answer.content, None, Window(), 0)
        if page is None:
            raise Refused(
                f"{self._feed.feed_id}: {self._interface.dossiers} answers no page with a list"
                f" {self._layout.items}.",
                "compare [layout] and [interface] of the mapping file with what the source sends.",
            )
        return dict(page.items[0]) if page.items and isinstance(page.items[0], dict) else {}

    def _pages(self, at: datetime, size: int | None = None) -> Pages:
        return Pages(self._interface.paging, self._layout, size or self._feed.page_size, at)

    def _page(self, pages: Pages, course: Course, window: Window) -> tuple[bytes, Page | None]:
        data, params = b"", pages.asked(course.cursor, window)
        for _ in range(_PAGE_TRIES):
            data = self._client.get(self._interface.dossiers, params, most=MAX_PAGE_BYTES).content
            if (page := pages.read(data, course.cursor, window, course.seen)) is not None:
                return data, page
        return data, None
