"""What became of every fault that was put in, and of what is clean: from findings, registers and truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from infra.sandbox import truth
from infra.sandbox.dirt import BY_NAME, Kind
from infra.sandbox.truth import Entity, Injected, Touch
from jobs.settings import Settings
from schemas import dialect as dialects
from schemas.contract import Register
from tests.support.evidence import Evidence, Said, gathered
from tests.support.truth import State, compare, stated

Place = tuple[str, str]
"""Register and key of an entity."""
OWN, LOST = "dvcqg", "not landed"
"""The dialect of our own feed, and that of a record which did not come."""


class Outcome(StrEnum):
    """What became of a fault."""

    NO_EFFECT = "no effect"
    """Its dossier changes no register for good, or not yet."""
    REPAIRED = "repaired"
    """The registers hold the true values in spite of it."""
    TOLD = "told"
    """Quarantined or held with the right code."""
    SHOWN = "shown"
    """Loaded as it was said, with the mark that the kind declares."""
    WAITS = "waits"
    """Held because of another fault that its entities carry."""
    OTHER_CODE = "other code"
    """Quarantined or held, but not with the right code."""
    NEEDLESS = "needless"
    """Quarantined or held though it can be repaired."""
    WRONG = "silently wrong"
    """A register holds a value that is not true, or lacks one, and nothing says so."""


BROKEN = (Outcome.WRONG, Outcome.OTHER_CODE, Outcome.NEEDLESS)
"""What a fault that the data show must not become."""
NEEDLESS_SHARE = 0.005
"""Clean records that may be quarantined or held for nothing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A fault with what became of it."""

    fault: Injected
    outcome: Outcome
    codes: frozenset[str]
    """Reason codes of the findings on its record."""
    dialect: str = OWN
    """What its record was told in."""


@dataclass(slots=True)
class Clean:
    """The clean records of a dialect."""

    records: int = 0
    needless: int = 0
    wrong: int = 0


@dataclass(slots=True)
class Verdict:
    """Every fault of a sandbox, judged, and its clean records."""

    faults: list[Judged] = field(default_factory=list)
    clean: int = 0
    """Landed records without a fault."""
    needless: list[str] = field(default_factory=list)
    """Clean records that are quarantined or held though nothing that they touch is spoiled: their codes."""
    wrong: int = 0
    """Clean records that a false value comes from, and entities that differ from truth unexplained."""
    clean_of: dict[str, Clean] = field(default_factory=dict)
    """Clean records by dialect."""

    def counts(self) -> dict[str, Counter[Outcome]]:
        """Numbers of outcomes by kind; every kind is there."""
        told: dict[str, Counter[Outcome]] = {name: Counter() for name in BY_NAME}
        for one in self.faults:
            told[one.fault.kind][one.outcome] += 1
        return told

    def counts_of(self) -> dict[tuple[str, str], Counter[Outcome]]:
        """Numbers of outcomes by dialect and kind, in order; those that were put in alone."""
        told: dict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
        for one in self.faults:
            told[one.dialect, one.fault.kind][one.outcome] += 1
        return dict(sorted(told.items()))


def judge(settings: Settings, folder: Path, *, day: int) -> Verdict:
    """The verdict on the registers as they stand on the evening of a day."""
    found = Case(settings, folder, day)
    verdict = Verdict([found.judged(fault) for fault in found.faults.values()])
    clean = set(found.evidence.landed) - set(found.faults)
    verdict.clean = len(clean)
    verdict.needless = sorted(code for code in clean & set(found.evidence.stopped) if found.is_needless(code))
    verdict.wrong = len(clean & found.wrong) + len(found.unexplained())
    verdict.clean_of = found.clean(clean, verdict.needless)
    return verdict


class Case:
    """Truth and evidence side by side."""

    def __init__(self, settings: Settings, folder: Path, day: int) -> None:
        """Reads both."""
        self.day = day
        self.evidence: Evidence = gathered(settings)
        self.faults = {one.dossier_code: one for one in truth.faults(folder, day=day)}
        self.effects: dict[str, list[Entity]] = defaultdict(list)
        self.dossiers: dict[Place, set[str]] = defaultdict(set)
        for code, entity in truth.effects(folder, day=day):
            self.effects[code].append(entity)
            self.dossiers[entity.register, entity.key].add(code)
        self.touches: dict[Place, set[Touch]] = defaultdict(set)
        for register, key, touch in truth.touches(folder, day=day):
            self.touches[register, key].add(touch)
        differences = compare(settings, folder, day=day).differences
        self.differing = {(one.register, one.key) for one in differences}
        self.wrong: set[str] = set()
        self.shown: set[str] = set()
        for said in self.evidence.said:
            self._weigh(said)

    def _weigh(self, said: Said) -> None:
        """Notes whose record a golden row's values come from, where they are false or bear a mark."""
        fault = self.faults.get(said.dossier_code)
        marks = BY_NAME[fault.kind].marks if fault else ()
        borne = [m for m in marks if m.noun == said.noun and said.row[m.column] == m.value]
        hidden = {name for mark in borne for name in mark.hides}
        if not any(_agrees(said, true, hidden) for true in self._candidates(said)):
            self.wrong.add(said.dossier_code)
        elif borne:
            self.shown.add(said.dossier_code)

    def _candidates(self, said: Said) -> Iterator[State]:
        """True rows that the values may be those of; a row without a key may be any of its dossier's."""
        for entity in self.effects.get(said.dossier_code, ()):
            is_it = said.aggregate_key in (entity.key, None)
            state = stated(Register(entity.register), entity) if is_it else None
            if state is not None and entity.register == said.register:
                rows = state[said.noun]
                if said.row_key == "":
                    yield rows
                else:
                    yield from [rows[said.row_key]] if said.row_key in rows else rows.values()

    def clean(self, records: Iterable[str], needless: Iterable[str]) -> dict[str, Clean]:
        """Clean records by the dialect that they were told in."""
        found: dict[str, Clean] = defaultdict(Clean)
        for code in records:
            mine = found[self.evidence.landed[code]]
            mine.records += 1
            mine.wrong += code in self.wrong
        for code in needless:
            found[self.evidence.landed[code]].needless += 1
        return dict(sorted(found.items()))

    def judged(self, fault: Injected) -> Judged:
        """What became of a fault."""
        code = fault.dossier_code
        codes, dialect = self.evidence.stopped.get(code, frozenset()), self.evidence.landed.get(code, LOST)
        outcome = self._outcome(fault, BY_NAME[fault.kind], codes - _spared(fault.kind, dialect))
        return Judged(fault, outcome, codes, dialect)

    def _outcome(self, fault: Injected, kind: Kind, codes: frozenset[str]) -> Outcome:
        code = fault.dossier_code
        if code in self.wrong:
            return Outcome.WRONG
        if not self._is_lasting(code):
            return Outcome.NO_EFFECT
        is_told = bool(codes & set(kind.codes))
        if codes and not is_told:
            return self._stopped_otherwise(code, kind)
        if is_told and not kind.repairable:
            return Outcome.TOLD
        if self._is_lost(code):
            return Outcome.WRONG
        if kind.repairable and kind.codes and not is_told:
            return Outcome.OTHER_CODE
        return Outcome.SHOWN if code in self.shown else Outcome.REPAIRED

    def _stopped_otherwise(self, code: str, kind: Kind) -> Outcome:
        if not self.is_needless(code):
            return Outcome.WAITS
        if not kind.detectable:
            return Outcome.TOLD
        return Outcome.NEEDLESS if kind.repairable else Outcome.OTHER_CODE

    def is_needless(self, code: str) -> bool:
        """Whether no entity of a record carries another record's fault that cannot be repaired."""
        others = (touch for place in self._places(code) for touch in self.touches[place])
        return all(touch.is_repairable or touch.dossier_code == code for touch in others)

    def _is_lost(self, code: str) -> bool:
        """Whether an entity differs from truth and no other record is the reason."""
        return any(place in self.differing and not self._excuses(place, code) for place in self._places(code))

    def _excuses(self, place: Place, code: str | None) -> bool:
        """Whether something told or shown, or another record's fault that nothing shows, explains a place."""
        told = {*self.evidence.stopped, *self.shown}
        others = (touch for touch in self.touches[place] if touch.dossier_code != code)
        hidden = any(not BY_NAME[touch.kind].detectable for touch in others)
        touching = {touch.dossier_code for touch in self.touches[place]} | self.dossiers[place]
        return hidden or bool(told & touching)

    def unexplained(self) -> set[Place]:
        """Entities that differ from truth though nothing says so and no fault can be blamed."""
        return {
            place
            for place in self.differing
            if not self._excuses(place, None)
            and not any(self._is_lasting(touch.dossier_code) for touch in self.touches[place])
        }

    def _is_lasting(self, code: str) -> bool:
        """Whether a fault's record has changed a register for good."""
        effect = self.faults[code].effect_day if code in self.faults else None
        return effect is not None and effect <= self.day

    def _places(self, code: str) -> Iterable[Place]:
        return [(entity.register, entity.key) for entity in self.effects.get(code, ())]


def _spared(kind: str, dialect: str) -> set[str]:
    """Codes that a repaired fault may have where the dialect tells no number of a version."""
    is_numbered = dialect == LOST or "sequence" in dialects.load(dialect).header
    return set() if is_numbered else set(BY_NAME[kind].may)


def _agrees(said: Said, true: Mapping[str, Any], hidden: set[str]) -> bool:
    """Whether values are the true ones, a date of birth as precisely as it is known."""
    expected = dict(true)
    if said.noun == "persons" and said.row["birth_precision"] == "year":
        expected |= {"birth_date": f"{true['birth_date'][:4]}-01-01", "birth_precision": "year"}
    return all(expected[name] == value for name, value in said.values.items() if name not in hidden)
