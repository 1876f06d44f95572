"""What to ask for next of a feed in pages, and what a page tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs.landing.clocks import written
from jobs.landing.rows import items_of, page_of
from jobs.sources.delivery import Window
from jobs.sources.interface import Paging
from schemas.layout import Layout


@dataclass(frozen=True, slots=True)
class Page:
    """A page as far as its delivery goes."""

    items: list[Any]
    following: str | None
    """Where the delivery goes on; None at its end."""
    total: int | None
    """Items that the whole delivery has, as the page tells it."""
    is_step: bool = False
    """Whether it ends a span of days: like others, it may be empty, and the delivery goes on."""


@dataclass(frozen=True, slots=True)
class Pages:
    """One delivery's way through a feed. A cursor is the source's own, a number, or a span and its number."""

    paging: Paging
    layout: Layout
    size: int
    at: datetime
    """Instant until which spans are asked for."""

    def asked(self, cursor: str | None, window: Window) -> dict[str, str]:
        """Parameters of the request."""
        told = {self.paging.size: str(self.size)}
        match self.paging.style:
            case "cursor" if cursor is not None:
                return told | {self.paging.cursor: cursor}
            case "window":
                begin, number, _ = self._span(cursor, window)
                ends = min(begin + timedelta(days=self.paging.days), self.at)
                told |= {self.paging.cursor: str(number), self.paging.until: self.written(ends)}
                return told | {self.paging.since: self.written(begin)}
            case "number":
                told |= {self.paging.cursor: cursor or str(self.paging.first)}
        if window.since is not None:
            told |= {self.paging.since: self.written(window.since)}
        return told

    def read(self, data: bytes, cursor: str | None, window: Window, seen: int) -> Page | None:
        """What a page tells; None where it is none, or names a cursor that cannot be kept.

        Args:
            data: The answer.
            cursor: What was asked for.
            window: What the delivery asks for.
            seen: Items that the delivery had before it.
        """
        try:
            page = page_of(data)
            items = items_of(page, self.layout)
        except ValueError:
            return None
        total = _number(_at(page, self.paging.total))
        if self.paging.style == "cursor":
            following = _at(page, self.paging.following)
            is_good = following is None or can_be_kept(following)
            return Page(items, following, total) if is_good else None
        if self.paging.style == "number":
            is_last = not items or (total is not None and seen + len(items) >= total)
            return Page(items, None if is_last else str(int(cursor or self.paging.first) + 1), total)
        following = self._next_span(cursor, window, len(items), total)
        return Page(items, following, None, is_step=not items)

    def _next_span(self, cursor: str | None, window: Window, count: int, total: int | None) -> str | None:
        begin, number, seen = self._span(cursor, window)
        if count and (total is None or seen + count < total):
            return f"{begin.isoformat()} {number + 1} {seen + count}"
        following = begin + timedelta(days=self.paging.days)
        limit = self.at if window.until is None else min(window.until, self.at)
        return f"{following.isoformat()} {self.paging.first} 0" if following < limit else None

    def _span(self, cursor: str | None, window: Window) -> tuple[datetime, int, int]:
        """Where a span begins, the page in it, and the items of its pages before."""
        if cursor is None:
            return window.since or self.paging.begins, self.paging.first, 0
        begin, number, seen = cursor.split(" ")
        return datetime.fromisoformat(begin), int(number), int(seen)

    def written(self, at: datetime) -> str:
        """An instant as the source writes it."""
        return str(written(at, self.paging.written))


def can_be_kept(text: object) -> bool:
    """Whether it is a text, not empty, that ``ops`` can store: no control character, no half of a pair."""
    return isinstance(text, str) and text != "" and text.isprintable()


def _at(page: Any, path: str) -> Any:
    for step in path.split("."):
        page = page.get(step) if isinstance(page, dict) else None
    return page


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
