"""A lake and a register in memory: what they keep of each batch, and how they may lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Row(NamedTuple):
    """A landed row: one version of a dossier."""

    dossier: str
    version: int
    value: str


class Landed(NamedTuple):
    """A row in its place, with what became of it."""

    submission_id: str
    number: int
    place: int
    row: Row
    disposition: str = ""

    @property
    def feed(self) -> str:
        """The feed of its submission."""
        return self.submission_id.rpartition(".")[0]

    @property
    def order(self) -> tuple[int, int]:
        """Its place in the landing order."""
        return self.number, self.place


@dataclass
class Version:
    """A golden value in a register's history."""

    key: str
    value: str
    batch: int
    ended: int | None = None


@dataclass
class Stores:
    """Landing, lake and register; ``off`` names guards that are switched off."""

    off: frozenset[str] = frozenset()
    landing: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    lake: dict[str, dict[int, list[object]]] = field(default_factory=dict)
    commits: set[tuple[str, int]] = field(default_factory=set)
    loads: set[int] = field(default_factory=set)
    history: list[Version] = field(default_factory=list)

    def rows(self, table: str, batch: int) -> list[object]:
        """What a table holds of a batch."""
        return self.lake.get(table, {}).get(batch, [])

    def append(
        self,
        table: str,
        batch: int,
        rows: Sequence[object],
        *,
        is_fresh: bool,
        require_open: Callable[[], None],
        is_kept: bool = True,
    ) -> None:
        """As ``jobs.lake.tables.append``: evidence first, then what the table holds of the batch is replaced.

        A store that does not keep what it acknowledges has neither rows nor evidence of them.
        """
        if "open" not in self.off:
            require_open()
        if not is_fresh and "evidence" not in self.off and (table, batch) in self.commits:
            return
        if not is_kept:
            return
        held = self.lake.setdefault(table, {})
        held[batch] = [*(held.get(batch, []) if "replace" in self.off else []), *rows]
        self.commits.add((table, batch))

    def load(self, batch: int, asserted: Sequence[tuple[str, str]], gone: Sequence[tuple[str, str]]) -> None:
        """As ``jobs.registry.load``: one transaction with its evidence."""
        if batch in self.loads and "loaded" not in self.off:
            return
        for one in self.history:
            if one.ended is None and (one.key, one.value) in gone:
                one.ended = batch
        self.history += [Version(key, value, batch) for key, value in asserted]
        self.loads.add(batch)

    def current(self) -> Iterator[tuple[str, str]]:
        """What the register holds open."""
        return ((one.key, one.value) for one in self.history if one.ended is None)


def dispositions(rows: Sequence[Landed], retracted: frozenset[str]) -> list[Landed]:
    """Each row with its disposition: duplicate of an earlier one of its feed, without effect, or effective.

    A retracted submission's rows count for no other; they keep their own word over all rows.
    """
    every: set[tuple[str, Row]] = set()
    standing: set[tuple[str, Row]] = set()
    told = []
    for one in sorted(rows, key=lambda one: one.order):
        content = (one.feed, one.row)
        is_retracted = one.submission_id in retracted
        if content in (every if is_retracted else standing):
            word = "duplicate"
        else:
            word = "no_effect" if is_retracted else "effective"
        told.append(one._replace(disposition=word))
        every.add(content)
        if not is_retracted:
            standing.add(content)
    return told


def golden(effective: Sequence[Landed]) -> dict[str, str]:
    """The value of each dossier: that of its last version, of equal ones the last landed."""
    newest: dict[str, Landed] = {}
    for one in sorted(effective, key=lambda one: (one.row.version, one.order)):
        newest[f"{one.feed}/{one.row.dossier}"] = one
    return {key: one.row.value for key, one in newest.items()}
