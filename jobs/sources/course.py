"""A delivery by pages: where it stands, what each page adds, and when it has an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from jobs.landing.clocks import instant_of
from jobs.sources.delivery import Piece, Window
from jobs.sources.paging import Page, can_be_kept
from schemas.layout import Layout

_MOST_REPEATS = 10
"""Pages in a row with the same items: one may be sent again, but a delivery has an end."""


@dataclass(slots=True)
class Course:
    """How far a delivery came."""

    cursor: str | None
    page: int
    asked: set[str | None]
    seen: int
    """Items that came."""
    total: int | None
    """Items that the first page promises."""
    is_done: bool = False
    last: int = 0
    """Hash of the items of the last page."""
    repeats: int = 0

    @classmethod
    def resumed(cls, state: Mapping[str, Any]) -> Self:
        """From the state that a piece left; from the beginning where there is none."""
        cursor = state.get("cursor")
        return cls(cursor, state.get("page", 0), {cursor}, state.get("seen", 0), state.get("total"))

    def passed(self, data: bytes, page: Page, layout: Layout, window: Window) -> Iterator[Piece]:
        """The page as a piece, if it has anything to land; the course is then behind it."""
        items, following, is_first = page.items, page.following, self.cursor is None
        newest = _newest(items, layout)
        trouble = self._stop(page)
        self.seen += len(items)
        if is_first:
            self.total = page.total
        self.is_done = following is None or trouble is not None or _is_beyond(newest, window)
        is_short = following is None and self.total is not None and self.seen < self.total
        if is_short:
            trouble = f"page {self.page} ends the delivery after {self.seen} of {self.total} items"
        self.cursor = following
        self.asked.add(following)
        if items or is_first or trouble:
            yield Piece(
                "page",
                data,
                "json",
                rows=len(items),
                resume=self.state(),
                newest=newest,
                trouble=trouble,
                is_gappy=is_short,
            )

    def _stop(self, page: Page) -> str | None:
        """Why the source is asked no further although it names a next page."""
        told, following = hash(repr(page.items)), page.following
        self.repeats = self.repeats + 1 if told == self.last and not page.is_step else 0
        self.last = told
        if following is not None and following in self.asked:
            return f"the cursor of page {self.page} does not move"
        if following is not None and self.repeats >= _MOST_REPEATS:
            return f"page {self.page} repeats the {self.repeats} pages before it"
        return None

    def broken_off(self, data: bytes, trouble: str, refusal: str | None) -> Piece:
        """The last piece of a delivery whose page cannot be read; one that is refused is kept in part."""
        self.is_done = True
        return Piece("page", data, "json", refusal=refusal, resume=self.state(), trouble=trouble)

    def state(self) -> dict[str, Any]:
        """What is kept, so that the pull goes on from here."""
        return {
            "cursor": self.cursor,
            "page": self.page,
            "done": self.is_done,
            "seen": self.seen,
            "total": self.total,
        }


def _is_beyond(newest: tuple[datetime, str] | None, window: Window) -> bool:
    return newest is not None and window.until is not None and newest[0] > window.until


def _newest(items: list[Any], layout: Layout) -> tuple[datetime, str] | None:
    """Change instant, in UTC, and id of the last item that tells them."""
    for item in reversed(items):
        try:
            changed = instant_of(item[layout.changed], layout.clock)
            name = str(item[layout.identity])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if can_be_kept(name):
            return changed, name
    return None
