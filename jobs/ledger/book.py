"""What ops says there is, as of one instant: verification reads everything else against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jobs.ops.erasures import Erasure, numbers_in
from schemas.ops import batches, erasures, submissions

LANDED_STATES = ("sealed", "retracted")
"""States of a submission that has a manifest."""
_STREAMED = {"yield_per": 10}


@dataclass(frozen=True, slots=True)
class Noted:
    """A batch without its result."""

    batch_id: int
    kind: str
    register: str | None
    state: str
    recorded_at: datetime
    plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """One snapshot of ops; what is written there later is not seen."""

    connection: sa.Connection
    batches: Sequence[Noted]
    erasures: Sequence[Erasure] = ()

    def committed(self, kind: str, register: str | None = None) -> list[Noted]:
        """Committed batches of a kind in order, of one register or of all."""
        return [
            one
            for one in self.batches
            if one.kind == kind and one.state == "committed" and register in {None, one.register}
        ]

    def live(self) -> dict[str, int]:
        """Newest committed conform batch of each submission."""
        newest: dict[str, int] = {}
        for batch in self.committed("conform"):
            newest |= dict.fromkeys(batch.plan["submissions"], batch.batch_id)
        return newest

    def taken(self, register: str) -> list[int]:
        """Conform batches that a register's committed merges have taken."""
        return sorted({int(n) for one in self.committed("merge", register) for n in one.plan["new"]})

    def results(self, kind: str, register: str | None = None) -> Iterator[tuple[Noted, Mapping[str, Any]]]:
        """Committed batches with their stored results, one at a time."""
        wanted = {one.batch_id: one for one in self.committed(kind, register)}
        query = sa.select(batches.c.batch_id, batches.c.result).order_by(batches.c.batch_id)
        mine = query.where(batches.c.batch_id.in_(sorted(wanted)))
        for row in self.connection.execute(mine, execution_options=_STREAMED):
            yield wanted[row.batch_id], row.result or {}

    def erased(self, submission_id: str, number: str) -> set[int]:
        """Rows of an object that erasures emptied."""
        mine = [one.places.get(submission_id, {}).get(number, []) for one in self.erasures]
        return set().union(*map(numbers_in, mine))

    def number_landed(self) -> int:
        """Number of submissions with a manifest."""
        mine = submissions.c.state.in_(LANDED_STATES)
        return self.connection.scalar(sa.select(sa.func.count()).where(mine)) or 0

    def landed(self) -> Iterator[sa.Row[Any]]:
        """Submissions with a manifest in landing order, one at a time."""
        query = sa.select(submissions).where(submissions.c.state.in_(LANDED_STATES))
        yield from self.connection.execute(query.order_by(submissions.c.number), execution_options=_STREAMED)


@contextmanager
def opened(ops: sa.Engine) -> Iterator[Book]:
    """A snapshot of ops that lasts as long as the block."""
    with ops.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as one:
        names = ("batch_id", "kind", "register", "state", "recorded_at", "plan")
        query = sa.select(*[batches.c[name] for name in names]).order_by(batches.c.batch_id)
        erased = [Erasure(*row) for row in one.execute(sa.select(erasures).order_by(erasures.c.erasure_id))]
        yield Book(one, [Noted(*row) for row in one.execute(query)], erased)
