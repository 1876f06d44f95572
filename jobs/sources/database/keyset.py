"""What is asked of a table: its rows by (change instant, identity), from where the last page ended.

A row whose change instant is none, or from before our era, lies in no window: such rows are read at every
pull, before the others, so that none is lost; known ones are duplicates. One from beyond our era, ``NaN`` or
``infinity`` comes last, at every pull too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import sqlalchemy as sa

from jobs.landing.clocks import BEGINS, ENDS, written
from jobs.sources.delivery import Window
from schemas.layout import Layout

SECTIONS = ("undated", "early", "dated")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: after the row of a section with this change instant and identity."""

    section: str
    changed: str | int | None
    identity: str | int
    numbers: tuple[str, ...] = ()
    """Which of both the server holds as a decimal: compared as text, they would be compared as floats."""

    @classmethod
    def of(cls, resume: Mapping[str, Any]) -> Self | None:
        """The place in a pull's state; None at its beginning."""
        told = resume.get("place")
        return cls(**{**told, "numbers": tuple(told["numbers"])}) if told else None

    def told(self) -> dict[str, Any]:
        """What a pull's state keeps."""
        return {
            "section": self.section,
            "changed": self.changed,
            "identity": self.identity,
            "numbers": list(self.numbers),
        }


@dataclass(frozen=True, slots=True)
class Query:
    """The statements that read a mapping's ``select``; identifiers are quoted as the server quotes them."""

    select: str
    layout: Layout
    preparer: sa.sql.compiler.IdentifierPreparer
    is_mysql: bool

    def parts(self, window: Window, place: Place | None) -> Iterator[tuple[str, sa.TextClause]]:
        """Sections that are not read yet, each with its statement, in order.

        The first goes on with the row that ended the last page: rows that the server takes for its equals,
        such as ids that differ in case alone, come with it.
        """
        for section in SECTIONS[SECTIONS.index(place.section) if place else 0 :]:
            mine = place if place is not None and place.section == section else None
            yield section, self._part(section, window, mine)

    def keys(self, since: datetime | None) -> sa.TextClause:
        """The identity of every row, or of those that changed since an instant."""
        if since is None:
            return self._asked(self._identity, "1 = 1", {})
        where = f"{self._changed} >= :since"
        return self._asked(self._identity, where, {"since": written(since, self.layout.clock)})

    def some(self, size: int, since: datetime | None) -> sa.TextClause:
        """Some rows: the first that changed since an instant, or whichever come first."""
        if since is None:
            return self._asked("*", "1 = 1", {}, f" limit {size}")
        values, order = {"since": written(since, self.layout.clock)}, f"{self._changed}, {self._identity}"
        return self._asked("*", f"{self._changed} >= :since", values, f" order by {order} limit {size}")

    def counts(self) -> sa.TextClause:
        """Numbers of rows, and of those whose change instant is one of our era; the newest of these."""
        known = f"{self._changed} >= :begin and {self._changed} < :end"
        era = {"begin": written(BEGINS, self.layout.clock), "end": written(ENDS, self.layout.clock)}
        told = (
            f"count(*), count(case when {known} then 1 end), max(case when {known} then {self._changed} end)"
        )
        return self._asked(told, "1 = 1", era)

    def _part(self, section: str, window: Window, place: Place | None) -> sa.TextClause:
        changed, identity = self._changed, self._identity
        if section == "undated":
            if place is None:
                return self._asked("*", f"{changed} is null", {}, f" order by {identity}")
            values = {"identity": self._value(place, "identity")}
            where = f"{changed} is null and ({identity} >= :identity or {identity} is null)"
            return self._asked("*", where, values, f" order by {identity}")
        where, values = self._within(section, window)
        if place is not None:
            following = f"{changed} > :changed or {identity} >= :identity or {identity} is null"
            where += f" and {changed} >= :changed and ({following})"
            values |= {name: self._value(place, name) for name in ("changed", "identity")}
        return self._asked("*", where, values, f" order by {changed}, {identity}")

    def _within(self, section: str, window: Window) -> tuple[str, dict[str, Any]]:
        """Condition of a section of the dated rows, with its values."""
        clock = self.layout.clock
        if section == "early":
            return f"{self._changed} < :bound", {"bound": written(BEGINS, clock)}
        since = max(window.since, BEGINS) if window.since else BEGINS
        if window.until is None:
            return f"{self._changed} >= :bound", {"bound": written(since, clock)}
        where = f"{self._changed} >= :bound and {self._changed} <= :until"
        return where, {"bound": written(since, clock), "until": written(window.until, clock)}

    def _asked(self, told: str, where: str, values: Mapping[str, Any], rest: str = "") -> sa.TextClause:
        """The statement with parameters of no stated type, so that none is cast to one.

        All of its text is the mapping file's, or ours.
        """
        untyped = [sa.bindparam(name, value, type_=sa.types.NullType()) for name, value in values.items()]
        statement = f"select {told} from {self._table} where {where}{rest}"  # noqa: S608
        return sa.text(statement).bindparams(*untyped)

    @property
    def _table(self) -> str:
        return "(" + self.select.replace(":", "\\:") + ") q"

    @property
    def _changed(self) -> str:
        return f"q.{self.preparer.quote_identifier(self.layout.changed)}"

    @property
    def _identity(self) -> str:
        return f"q.{self.preparer.quote_identifier(self.layout.identity)}"

    def _value(self, place: Place, name: str) -> Any:
        """A place's value as a parameter: PostgreSQL takes a text for what it is compared with."""
        value = getattr(place, name)
        if not self.is_mysql:
            return str(value)
        return Decimal(value) if name in place.numbers else value
