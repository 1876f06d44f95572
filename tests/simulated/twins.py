"""What a batch computes and writes, in memory: the twins of conform's and merge's work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from jobs.errors import IntegrityFault
from jobs.identity.shape import shape_of
from jobs.merge import changes
from jobs.merge import run as merging
from jobs.merge.plan import scope
from jobs.ops import batches
from jobs.ops.batches import Batch
from jobs.settings import Settings
from schemas.contract import Register
from schemas.registry import root
from tests.simulated.stores import Landed, Stores, dispositions, golden

REGISTER = Register.POPULATION
ROWS, _FACTS = "core.dossiers", root(REGISTER).dataset("core")
LOG = root(REGISTER).dataset("curated")


@dataclass(frozen=True, slots=True)
class Twins:
    """Stand where the pipeline computes; every commit may be the last thing that their process does."""

    engine: sa.Engine
    stores: Stores
    off: frozenset[str]
    """Guards that are switched off."""
    landed: Callable[[], list[Landed]]
    fault: Callable[[str], None]
    """Perhaps the process ends at a place."""
    keeps: Callable[[], bool]
    """Whether a store keeps what it is about to acknowledge."""

    def conformed(self, _: Settings, engine: sa.Engine, batch: Batch) -> dict[str, Any]:
        """The twin of what a conform batch computes and writes."""
        members, gone = set(batch.plan["submissions"]), frozenset(batch.plan["retracted"])
        live = batches.live_conforms(engine)
        known = [
            one
            for name, number in live.items()
            if name not in members | gone
            for one in self._held(number)
            if one.submission_id == name
        ]
        mine = [one for one in self.landed() if one.submission_id in members]
        told = [one for one in dispositions([*known, *mine], gone) if one.submission_id in members]
        effective = [one for one in told if one.disposition == "effective"]
        self._write(batch, {ROWS: told, _FACTS: effective})
        held = {table: self.stores.rows(table, batch.batch_id) for table in (ROWS, _FACTS)}
        self._require_whole(batch, {ROWS: len(mine), _FACTS: len(effective)})
        return {
            "counts": [{"register": REGISTER.value, "rows": len(held[ROWS])}],
            "submissions": sorted(members),
            "facts": {root(REGISTER).table(): len(held[_FACTS])},
            "evidence": {table: _parts(rows) for table, rows in held.items()},
        }

    def _held(self, batch: int) -> list[Landed]:
        return [one for one in self.stores.rows(ROWS, batch) if isinstance(one, Landed)]

    def _write(self, batch: Batch, frames: Mapping[str, list[Any]]) -> None:
        for table, rows in frames.items():
            self.fault(f"before {table}")
            is_open = partial(batches.require_open, self.engine, batch)
            self.stores.append(
                table,
                batch.batch_id,
                rows,
                is_fresh=batch.is_fresh,
                require_open=is_open,
                is_kept=self.keeps(),
            )
            self.fault(f"after {table}")

    def _require_whole(self, batch: Batch, wanted: Mapping[str, int]) -> None:
        """As ``jobs.lake.evidence.require_whole``."""
        if "read-back" in self.off:
            return
        for table, number in wanted.items():
            is_there = (table, batch.batch_id) in self.stores.commits
            if not is_there or len(self.stores.rows(table, batch.batch_id)) != number:
                raise IntegrityFault("the lake does not hold what was written", "run it again.")

    def merged(self, _: Settings, engine: sa.Engine, batch: Batch) -> dict[str, Any]:
        """The twin of what a merge batch computes, writes and loads."""
        shape = shape_of(REGISTER)
        seen = scope(engine, batch)
        if seen.is_idle:
            idle: dict[str, Any] = merging._idle(shape, batch, seen)
            return idle
        facts = [
            one
            for number, rows in self.stores.lake.get(_FACTS, {}).items()
            if number <= seen.upto and number not in seen.unreadable
            for one in rows
            if isinstance(one, Landed) and (one.submission_id, number) not in seen.superseded
        ]
        new, old = set(golden(facts).items()), self._asserted(seen.merged)
        rows = [("assert", *one) for one in sorted(new - old)]
        rows += [("withdraw", *one) for one in sorted(old - new)]
        self._write(batch, {LOG: rows})
        held = [one for one in self.stores.rows(LOG, batch.batch_id) if isinstance(one, tuple)]
        self._require_whole(batch, {LOG: len(rows)})
        self.fault("before load")
        chosen = {word: [one[1:] for one in held if one[0] == word] for word in ("assert", "withdraw")}
        self.stores.load(batch.batch_id, chosen["assert"], chosen["withdraw"])
        self.fault("after load")
        told = {"register": REGISTER.value, "batch_id": batch.batch_id, "rows": len(held)}
        return told | changes.counts([])

    def _asserted(self, merged: frozenset[int]) -> set[tuple[str, str]]:
        """What committed merges have asserted and not withdrawn."""
        standing: set[tuple[str, str]] = set()
        for number in sorted(merged):
            for one in self.stores.rows(LOG, number):
                word, *pair = one  # type: ignore[misc]
                (standing.add if word == "assert" else standing.discard)(tuple(pair))  # type: ignore[arg-type]
        return standing

    def together(self, _: Settings, engine: sa.Engine, one: Any) -> list[str]:
        """The twin of whom a retraction touches: those of the feed that share a dossier with it."""
        mine = {row.dossier for row in self.stores.landing[one.submission_id]}
        known = {name: self.stores.landing[name] for name in batches.live_conforms(engine)}
        found = {name for name, rows in known.items() if any(row.dossier in mine for row in rows)}
        return sorted({one.submission_id, *(name for name in found if name.startswith(one.feed_id))})


def _parts(rows: list[Any]) -> list[list[Any]]:
    names = sorted({one.submission_id for one in rows})
    return [[[name], sum(one.submission_id == name for one in rows), ""] for name in names]
