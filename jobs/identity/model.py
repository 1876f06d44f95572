"""What the fold works on: facts, the segments of golden rows, and its results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

Dossier = tuple[str, str]
"""Feed and dossier code."""
RowKey = tuple[str, int, str]
"""Aggregate key, place of the dataset, row key."""


class Values(Protocol):
    """Access to the payload of facts by row number.

    Codes are equal exactly where values are equal, also between an attribute and its
    ``old_`` column; -1 stands for an absent value.
    """

    def code(self, dataset: int, attribute: int, row: int) -> int:
        """Code of an attribute's value."""
        ...

    def old_code(self, dataset: int, attribute: int, row: int) -> int:
        """Code of the value that a correction replaces."""
        ...

    def value(self, dataset: int, attribute: int, row: int) -> object:
        """The value itself."""
        ...

    def old_value(self, dataset: int, attribute: int, row: int) -> object:
        """The value that a correction replaces, itself."""
        ...


@dataclass(slots=True, frozen=True)
class Fact:
    """One change fact, without its payload."""

    row: int
    fact_id: str
    dataset: int
    verb: str
    role: str
    dossier: Dossier
    version_order: int
    procedure: str
    effect_no: int
    item_no: int
    landed: tuple[int, int, int]
    """Submission number, object, row: landing order."""
    is_baseline: bool
    aggregate: str
    row_key: str
    valid_from: int | None
    """Microseconds since 1970 UTC; None for corrections and retracts."""
    precision: str
    decided_at: int

    @property
    def key(self) -> RowKey:
        """The golden row that the fact is about."""
        return (self.aggregate, self.dataset, self.row_key)

    @property
    def at(self) -> int:
        """Valid instant of a fact that has one."""
        if self.valid_from is None:
            raise ValueError(f"fact {self.fact_id}: a {self.verb} needs a valid instant")
        return self.valid_from


@dataclass(slots=True)
class Segment:
    """A golden row over one valid period."""

    valid_from: int
    precision: str
    begun_by: Fact
    rows: list[int]
    """Per attribute the row that its value comes from; -1 where absent."""
    valid_to: int | None = None
    ended_by: Fact | None = None


@dataclass(slots=True, frozen=True)
class Outcome:
    """Disposition of a fact, with the codes of its finding."""

    disposition: str
    codes: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Decision:
    """Whether a record is the entity that its key names."""

    fact: Fact
    against: Fact
    verdict: str
    """``merge`` or ``apart``."""
    evidence: tuple[str, ...]


@dataclass(slots=True)
class Folded:
    """Golden state of one component."""

    segments: dict[RowKey, list[Segment]] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    """By row of the fact."""
    decisions: list[Decision] = field(default_factory=list)


class Held(Exception):
    """A fact that the state at its place does not allow."""

    def __init__(self, fact: Fact, *codes: str) -> None:
        super().__init__(", ".join(codes))
        self.fact = fact
        self.codes = codes
