"""One seeded schedule: deliveries, conforms, merges and retractions, with faults between any two commits.

What plans, locks, commits and repeats is the pipeline's own code on a real ``ops`` database. Two things are
twins in memory: what a batch computes (``twins``), and the stores that it is written to (``stores``).
A process dies before or after any commit, works on after it lost its lock while another does the same step,
or is told by a store that something was kept which was not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from jobs import ops
from jobs.conform import pending
from jobs.conform import run as conforming
from jobs.errors import LienthongError
from jobs.merge import run as merging
from jobs.ops import batches, cursors, locks, submissions
from jobs.settings import Settings
from schemas import ops as schema
from tests.simulated.stores import Landed, Row, Stores
from tests.simulated.twins import REGISTER, Twins

FEEDS = ("01-dossiers", "02-dossiers")
_BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


STEPS = 14


class Killed(BaseException):
    """The process is dead."""


class Simulation:
    """A line under the schedule of a seed."""

    def __init__(self, settings: Settings, seed: int, off: frozenset[str] = frozenset()) -> None:
        """An empty line; guards in ``off`` are switched off."""
        url = f"{settings.ops_url}?options=-csynchronous_commit%3Doff"  # Nothing here ends PostgreSQL.
        self.settings = settings.model_copy(update={"ops_url": url})
        self.engine = ops.engine(self.settings)
        self.dice, self.stores = random.Random(seed), Stores(off)
        self.twins = Twins(self.engine, self.stores, off, self.landed, self.fault, self.keeps)
        self.offered: dict[str, list[Row]] = {feed: [] for feed in FEEDS}
        self.ticks, self.is_nested, self.is_quiet = 0, False, False
        self.twice: Callable[[], object] | None = None
        """The step that is being carried out, for another process that does the same."""
        self.faults: list[str] = []
        self.stuck: list[str] = []
        """Faults of steps that nothing disturbed."""

    def at(self) -> datetime:
        """The next instant."""
        self.ticks += 1
        return _BEGIN + timedelta(minutes=self.ticks)

    def live(self, steps: int) -> None:
        """Lives the schedule, then repeats what is left undone, without a fault."""
        with self.engine.begin() as connection:
            names = ", ".join(table.name for table in schema.metadata.sorted_tables)
            connection.execute(sa.text(f"TRUNCATE {names}"))
        with self._patched():
            for _ in range(steps):
                self.step(self.dice.choice(self.verbs()))
            self.is_quiet = True
            for feed in FEEDS:
                self.step(partial(self.pull, feed))
            for _ in range(2):
                self.step(self.conform)
                self.step(self.merge)

    def verbs(self) -> list[Callable[[], object]]:
        """What may come next; what happens often stands there often."""
        pulls = [partial(self.pull, feed) for feed in FEEDS]
        return [*pulls, *pulls, self.conform, self.conform, self.merge, self.merge, self.retract, self.replay]

    def step(self, verb: Callable[[], object]) -> None:
        """Carries out a verb; its process may die, or be refused."""
        self.twice = verb
        try:
            verb()
        except Killed:
            self.faults.append("killed")
        except LienthongError as error:
            (self.stuck if self.is_quiet else self.faults).append(type(error).__name__)

    def pull(self, feed: str) -> None:
        """Lands what a feed offers from shortly before its cursor, as a pull does, and seals it."""
        if not self.is_quiet and not self.is_nested:
            self.offered[feed] += [self._row() for _ in range(self.dice.randrange(3))]
        with locks.held(self.engine, f"pull {feed}"):
            at, known = self.at(), cursors.get(self.engine, feed)
            read = int(known[1]) if known else 0
            mine = submissions.begin(self.engine, feed_id=feed, province_code=feed[:2], at=at)
            rows = tuple(self.offered[feed][max(0, read - 1) :])
            self.stores.landing[mine.submission_id] = rows
            submissions.note_progress(self.engine, mine.submission_id, {"rows": len(rows)})
            if len(self.offered[feed]) == read:
                submissions.discard(self.engine, mine, at)
                return
            manifest = {"dialect": "dvcqg", "objects": [], "refused": [], "rows": len(rows)}
            end = (_BEGIN, str(len(self.offered[feed])))
            submissions.seal(self.engine, mine, manifest=manifest, cursor=end, at=at)

    def _row(self) -> Row:
        dossier, version = f"D{self.dice.randrange(4)}", self.dice.randrange(1, 5)
        return Row(dossier, version, f"{version}{self.dice.choice('ab')}")

    def conform(self, named: list[str] | None = None) -> None:
        """The pipeline's own verb."""
        conforming.run(self.settings, at=self.at(), submission_ids=named)

    def merge(self) -> None:
        """The pipeline's own verb."""
        merging.run(self.settings, register=REGISTER.value, at=self.at())

    def retract(self) -> None:
        """Takes a submission back, or takes that back."""
        every = [one for one in submissions.listed(self.engine) if one.manifest]
        if every:
            one = self.dice.choice(every)
            verb = submissions.restore if one.state == "retracted" else submissions.retract
            verb(self.engine, one.submission_id, reason="r", by="steward", at=self.at())

    def replay(self) -> None:
        """Conforms a submission again."""
        every = [one.submission_id for one in submissions.listed(self.engine) if one.manifest]
        if every:
            self.conform([self.dice.choice(every)])

    def landed(self) -> list[Landed]:
        """Every row of a sealed submission, in its place."""
        return [
            Landed(one.submission_id, one.number, place, row)
            for one in submissions.listed(self.engine)
            if one.manifest
            for place, row in enumerate(self.stores.landing[one.submission_id])
        ]

    def fault(self, place: str) -> None:
        """Perhaps the process ends here, or has lost its lock and another does the same step meanwhile."""
        if self.is_nested or self.is_quiet:
            return
        drawn = self.dice.random()
        if drawn < 0.05:
            self.faults.append(place)
            raise Killed
        if drawn < 0.1 and self.twice is not None:
            self.faults.append(f"overtaken {place}")
            self.is_nested = True
            try:
                self.twice()
            except LienthongError as error:
                self.faults.append(type(error).__name__)
            finally:
                self.is_nested = False

    def keeps(self) -> bool:
        """Whether a store keeps what it is about to acknowledge."""
        return self.is_nested or self.is_quiet or self.dice.random() > 0.03

    @contextmanager
    def _patched(self) -> Iterator[None]:
        """Twins in the place of what computes, and a fault before and after whatever commits."""

        def faulty(module: Any, name: str) -> None:
            real = getattr(module, name)

            def called(*args: Any, **kwargs: Any) -> Any:
                self.fault(f"before {name}")
                told = real(*args, **kwargs)
                self.fault(f"after {name}")
                return told

            patch.setattr(module, name, called)

        held = locks.held
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(locks, "held", lambda *args: nullcontext() if self.is_nested else held(*args))
            for module, names in ((batches, ("plan", "commit")), (submissions, ("begin", "seal", "discard"))):
                for name in names:
                    faulty(module, name)
            patch.setattr(conforming, "carry_out", self.twins.conformed)
            patch.setattr(merging, "carry_out", self.twins.merged)
            patch.setattr(pending, "_touched", self.twins.together)
            yield


def lived(settings: Settings, seed: int, off: frozenset[str] = frozenset()) -> Simulation:
    """The line after the schedule of a seed."""
    line = Simulation(settings, seed, off)
    line.live(STEPS)
    return line
