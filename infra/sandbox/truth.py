"""The truth: each entity's state by day, each fault, and whom it touches. The pipeline never reads it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.sandbox.cell import DAY_ONE, Cell, Lived
from infra.sandbox.dirt import Kind
from infra.sandbox.model import Aggregate, Dossier

SCHEMA = """
create table truth (register text, key text, day integer, state text);
create table touches (
    register text, key text, day integer, kind text, repairable integer, dossier_code text
);
create table effects (
    dossier_code text, register text, key text, day integer, until integer, state text
);
create table faults (
    kind text, detectable integer, repairable integer, province text, dossier_code text, day integer,
    effect_day integer
);
"""
"""``truth``: a state from a day on, null where the entity is in no register. ``touches``: a fault that an
entity's records carry from a day on, and the dossier that it was put into. ``effects``: what a dossier or a
baseline record makes of an entity, from a day on and until its withdrawal; the state is null where it is that
of day 0, or where the entity is in no register any more. ``faults``: what was put in, the day on which a feed
shows it, and the day on which its dossier changes a register for good (null where it never does)."""
INDEXES = """
create index truth_key on truth (register, key, day);
create index touches_key on touches (register, key, day);
create index faults_code on faults (dossier_code);
"""


def day_of(at: datetime) -> int:
    """The day of the calendar on whose evening an instant is known; day n is 2026-11-01 + n."""
    day = (at.date() - DAY_ONE).days + 1
    late = (at.hour, at.minute) >= (23, 30)
    return max(day + late, 1)


class Recorder:
    """Notes a cell's truth while the cell lives."""

    def __init__(self, cell: Cell) -> None:
        """Nothing is noted yet."""
        self._cell = cell
        self._last: dict[tuple[str, str], str | None] = {}
        self._states: dict[tuple[str, str, int], str | None] = {}
        self._spoiled: dict[tuple[str, str], tuple[str, str]] = {}
        self._touches: set[tuple[str, str, int, str, bool, str]] = set()
        self._codes: dict[int, str] = {}
        self._effects: dict[tuple[str, str, str], tuple[int, int | None, str | None]] = {}
        self._faults: list[tuple[str, bool, bool, str, str, int, int | None]] = []

    def note_effect(self, at: datetime, dossier: Dossier) -> None:
        """Notes what changed when a dossier has taken effect, or was withdrawn."""
        self.note(day_of(at))
        code = self._codes[id(dossier)]
        for one in dossier.touched:
            place = (code, one.register, one.key)
            if place in self._effects:
                begun, _, state = self._effects[place]
                self._effects[place] = (begun, day_of(at), state)
            else:
                self._effects[place] = (day_of(at), None, self._last.get((one.register, one.key)))

    def note(self, day: int) -> None:
        """Notes what is otherwise than before, as known from a day on."""
        for one in (*self._cell.people, *self._cell.parcels, *self._cell.businesses):
            state = json.dumps(one.state, sort_keys=True, ensure_ascii=False) if one.exists else None
            if self._last.get((one.register, one.key)) != state:
                self._last[one.register, one.key] = state
                self._states[one.register, one.key, day] = state

    def baseline(self, kind: Kind | None, province: str, record: str, about: Aggregate) -> None:
        """A row of a register extract with the fault that was put in."""
        self._effects[record, about.register, about.key] = (0, None, None)
        if kind is not None:
            self._faults.append((kind.name, kind.detectable, kind.repairable, province, record, 0, 0))
            self._touch(about, 0, (kind.name, record), repairable=kind.repairable)

    def dossier(self, lived: Lived, province: str, code: str, fault: tuple[Kind, datetime] | None) -> None:
        """A dossier with the fault that was put into it.

        What is in one dossier with something that was spoiled is spoiled too, since a dossier
        counts as a whole or not at all. A refused one spoils nothing.
        """
        about = lived.dossier.touched
        self._codes[id(lived.dossier)] = code
        lasts = lived.takes_effect and lived.withdrawn is None
        if fault is not None:
            kind, at = fault
            effect = day_of(lived.decided) if lasts else None
            entry = (kind.name, kind.detectable, kind.repairable, province, code, day_of(at), effect)
            self._faults.append(entry)
            for one in about if lived.takes_effect else ():
                self._touch(one, day_of(at), (kind.name, code), repairable=kind.repairable)
        places = [(one.register, one.key) for one in about]
        spoiled = [self._spoiled[place] for place in places if place in self._spoiled]
        for one in about if spoiled and lived.takes_effect else ():
            self._touch(one, day_of(lived.accepted), spoiled[0], repairable=False)

    def _touch(self, one: Aggregate, day: int, fault: tuple[str, str], *, repairable: bool) -> None:
        kind, code = fault
        self._touches.add((one.register, one.key, day, kind, repairable, code))
        if not repairable:
            self._spoiled.setdefault((one.register, one.key), fault)

    def write(self, database: sqlite3.Connection) -> None:
        """Writes everything noted."""
        states = ((*place, state) for place, state in self._states.items())
        database.executemany("insert into truth values (?, ?, ?, ?)", states)
        database.executemany("insert into touches values (?, ?, ?, ?, ?, ?)", sorted(self._touches))
        effects = ((*place, *effect) for place, effect in self._effects.items())
        database.executemany("insert into effects values (?, ?, ?, ?, ?, ?)", effects)
        database.executemany("insert into faults values (?, ?, ?, ?, ?, ?, ?)", self._faults)


@dataclass(frozen=True, slots=True)
class Entity:
    """True state of an entity on the evening of a day."""

    register: str
    key: str
    state: dict[str, Any] | None
    """None where no register should have it."""
    faults: tuple[str, ...]
    """Kinds of the faults that its records carry."""
    is_repairable: bool
    """Whether its true state follows from the records in spite of them."""


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that was put in."""

    kind: str
    detectable: bool
    repairable: bool
    province: str
    dossier_code: str
    day: int
    effect_day: int | None


@dataclass(frozen=True, slots=True)
class Touch:
    """A fault that reaches an entity: its own, or that of what shares a dossier with it."""

    kind: str
    dossier_code: str
    is_repairable: bool


def entities(
    folder: Path, *, day: int, register: str | None = None, key: str | None = None
) -> Iterator[Entity]:
    """Every entity that ever was until the evening of a day, of one register or key or of all."""
    states = """
        select register, key, state, max(day) from truth
        where day <= :day and register = coalesce(:register, register) and key = coalesce(:key, key)
        group by register, key order by register, key
    """
    touches = """
        select register, key, group_concat(distinct kind), min(repairable) from touches
        where day <= :day and register = coalesce(:register, register) and key = coalesce(:key, key)
        group by register, key
    """
    asked = {"day": day, "register": register, "key": key}
    with closing(_connect(folder)) as database:
        told = {row[:2]: row[2:] for row in database.execute(touches, asked)}
        for name, one, state, _ in database.execute(states, asked):
            kinds, repairable = told.get((name, one), (None, 1))
            faults = tuple(sorted(kinds.split(","))) if kinds else ()
            yield Entity(name, one, json.loads(state) if state else None, faults, bool(repairable))


def faults(folder: Path, *, day: int) -> Iterator[Injected]:
    """Every fault that a feed has shown until the evening of a day."""
    statement = """
        select kind, detectable, repairable, province, dossier_code, day, effect_day from faults
        where day <= ? order by kind, province, dossier_code
    """
    with closing(_connect(folder)) as database:
        for kind, detectable, repairable, *rest in database.execute(statement, (day,)):
            yield Injected(kind, bool(detectable), bool(repairable), *rest)


def effects(folder: Path, *, day: int) -> Iterator[tuple[str, Entity]]:
    """What each dossier and baseline record in force on the evening of a day makes of an entity.

    Yields:
        Its code, and the entity as it stood when it had just taken effect; faults are left out.
    """
    statement = """
        select e.dossier_code, e.register, e.key, iif(e.day = 0, t.state, e.state) from effects e
        left join truth t on e.day = 0 and t.day = 0 and (t.register, t.key) = (e.register, e.key)
        where e.day <= :day and coalesce(e.until, :day + 1) > :day
    """
    with closing(_connect(folder)) as database:
        for code, register, key, state in database.execute(statement, {"day": day}):
            yield code, Entity(register, key, json.loads(state) if state else None, (), is_repairable=True)


def touches(folder: Path, *, day: int) -> Iterator[tuple[str, str, Touch]]:
    """Register and key of every entity that a fault has touched until the evening of a day, and the fault."""
    statement = "select register, key, kind, dossier_code, repairable from touches where day <= ?"
    with closing(_connect(folder)) as database:
        for register, key, kind, code, repairable in database.execute(statement, (day,)):
            yield register, key, Touch(kind, code, bool(repairable))


def _connect(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder / 'world.sqlite'}?mode=ro", uri=True)


def summary(found: Iterable[Entity]) -> dict[str, dict[str, int]]:
    """Numbers of entities by register: in the register, untouched, repairable, spoiled."""
    told: dict[str, dict[str, int]] = {}
    for one in found:
        mine = told.setdefault(
            one.register, dict.fromkeys(("existing", "untouched", "repairable", "spoiled"), 0)
        )
        mine["existing"] += one.state is not None
        mine["untouched" if not one.faults else "repairable" if one.is_repairable else "spoiled"] += 1
    return told
