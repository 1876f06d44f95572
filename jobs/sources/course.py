"""A delivery by pages: where it stands, what each page adds, and when it has an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from jobs.landing.rows import page_of
from jobs.sources.delivery import Piece, Window
from schemas import types as t
from schemas.zone import HANOI

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

    def passed(self, data: bytes, page: Mapping[str, Any], window: Window) -> Iterator[Piece]:
        """The page as a piece, if it has anything to land; the course is then behind it."""
        items, following, is_first = page["data"], page.get("next_cursor"), self.cursor is None
        newest = _newest(items)
        trouble = self._stop(items, following)
        self._count(page, items, is_first=is_first)
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

    def _stop(self, items: list[Any], following: str | None) -> str | None:
        """Why the source is asked no further although it names a next page."""
        told = hash(repr(items))
        self.repeats = self.repeats + 1 if told == self.last else 0
        self.last = told
        if following is not None and following in self.asked:
            return f"the cursor of page {self.page} does not move"
        if following is not None and self.repeats >= _MOST_REPEATS:
            return f"page {self.page} repeats the {self.repeats} pages before it"
        return None

    def _count(self, page: Mapping[str, Any], items: list[Any], *, is_first: bool) -> None:
        self.seen += len(items)
        total = page.get("total")
        if is_first and isinstance(total, int) and not isinstance(total, bool):
            self.total = total

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


def page_read(data: bytes) -> dict[str, Any] | None:
    """The page, as conform will read it; None where it is none or names no cursor that can be kept."""
    try:
        page = page_of(data)
    except ValueError:
        return None
    following = page.get("next_cursor")
    return page if following is None or _can_be_kept(following) else None


def _can_be_kept(text: object) -> bool:
    """Whether it is a text, not empty, that ``ops`` can store: no control character, no half of a pair."""
    return isinstance(text, str) and text != "" and text.isprintable()


def _is_beyond(newest: tuple[datetime, str] | None, window: Window) -> bool:
    return newest is not None and window.until is not None and newest[0] > window.until


def _newest(items: list[Any]) -> tuple[datetime, str] | None:
    """Change instant, in UTC, and id of the last item that tells them."""
    for item in reversed(items):
        try:
            changed, name = _instant(item["updated_at"]), str(item["id"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if _can_be_kept(name):
            return changed, name
    return None


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not t.EARLIEST <= found.astimezone(HANOI).date().isoformat() <= t.LATEST:
        raise ValueError("no instant, or out of range")
    return found.astimezone(UTC)
