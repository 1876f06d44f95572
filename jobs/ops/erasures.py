"""Erasures by law: which places lose their content, on what basis, and how far that has come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jobs.errors import Refused
from jobs.ops import events
from schemas.derive import sql
from schemas.ops import batches, corrections, erasures, submissions

Places = Mapping[str, Mapping[str, list[list[int]]]]
"""By submission and number of the object: first and last number of each range of rows.

``refused/N`` is the N-th refused object, which has one range.
"""
REFUSED = "refused/"
DECIDED = "decided"
"""State of an erasure until landing has its rows no more."""
REWRITTEN = "rewritten"
"""State of an erasure from then on, until it is finished."""
FINISHED = "finished"
"""State of an erasure whose rows have left every layer."""
GONE = "erased"
"""Stands for the content that an erased correction named."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure."""

    erasure_id: int
    state: str
    basis: str
    made_by: str
    made_at: datetime
    places: Places
    upto: int
    removed: Mapping[str, Any] | None

    def told(self) -> dict[str, Any]:
        """The erasure for people and machines; it names places and no content."""
        return {
            "erasure_id": self.erasure_id,
            "state": self.state,
            "basis": self.basis,
            "by": self.made_by,
            "at": self.made_at.isoformat(),
            "rows": sum(1 for _ in rows_of(self.places)),
        }


def decide(ops: sa.Engine, *, places: Places, basis: str, by: str, at: datetime) -> Erasure:
    """Records an erasure that is to be carried out."""
    with ops.begin() as connection:
        events.lock(connection)
        number = (connection.scalar(sa.select(sa.func.max(erasures.c.erasure_id))) or 0) + 1
        told = {
            "basis": basis,
            "made_by": by,
            "places": places,
            "upto": _newest_batch(connection),
        }
        row = connection.execute(
            erasures.insert().values(erasure_id=number, state=DECIDED, made_at=at, **told).returning(erasures)
        ).one()
        events.append(connection, kind=f"erasure.{DECIDED}", subject=str(number), body=told, at=at)
        return Erasure(*row)


def listed(ops: sa.Engine) -> list[Erasure]:
    """Erasures in the order they were decided."""
    with ops.connect() as connection:
        return listed_in(connection)


def listed_in(connection: sa.Connection) -> list[Erasure]:
    """Erasures in the order they were decided, as a connection sees them."""
    return [Erasure(*row) for row in connection.execute(sa.select(erasures).order_by("erasure_id"))]


def require_finished(every: Iterable[Erasure]) -> None:
    """Looks whether an erasure is under way: what it reaches must not be taken for what is to stay.

    Raises:
        Refused: One is; the first is named.
    """
    for one in every:
        if one.state != FINISHED:
            raise Refused(
                f"Erasure {one.erasure_id} is under way or was cut off.",
                "lienthong purge --resume, then the same again.",
            )


@contextmanager
def none_begun(ops: sa.Engine) -> Iterator[None]:
    """A block beside which nothing is erased; else what it read may be of before and of after.

    Raises:
        Refused: An erasure is under way, or was decided during the block.
    """
    known = listed(ops)
    require_finished(known)
    try:
        yield
    finally:
        if listed(ops) != known:
            raise Refused("Something was erased meanwhile.", "the same again when it is finished.")


def note_rewritten(ops: sa.Engine, erasure: Erasure, *, at: datetime) -> Erasure:
    """Says that landing has the rows no more: every batch up to now may have read them, none after it does.

    Whoever calls it holds the lock of conform since before the first object was written anew.
    """
    with ops.begin() as connection:
        events.lock(connection)
        upto = _newest_batch(connection)
        mine = erasures.update().where(erasures.c.erasure_id == erasure.erasure_id)
        row = connection.execute(mine.values(state=REWRITTEN, upto=upto).returning(erasures)).one()
        subject, body = str(erasure.erasure_id), {"upto": upto}
        events.append(connection, kind=f"erasure.{REWRITTEN}", subject=subject, body=body, at=at)
        return Erasure(*row)


def note_removed(ops: sa.Engine, erasure: Erasure, removed: Mapping[int, Any]) -> None:
    """Keeps what an erasure will take out of the receipts, before it takes anything."""
    with ops.begin() as connection:
        mine = erasures.update().where(erasures.c.erasure_id == erasure.erasure_id)
        connection.execute(mine.values(removed={str(number): told for number, told in removed.items()}))


def note_manifest(ops: sa.Engine, submission_id: str, manifest: Mapping[str, Any], at: datetime) -> None:
    """Replaces the manifest of a submission whose objects were written anew."""
    with ops.begin() as connection:
        events.lock(connection)
        mine = submissions.update().where(submissions.c.submission_id == submission_id)
        connection.execute(mine.values(manifest=dict(manifest)))
        body = {"manifest": manifest}
        events.append(connection, kind="submission.erased", subject=submission_id, body=body, at=at)


def finish(
    ops: sa.Engine, erasure: Erasure, receipts: Mapping[int, Mapping[str, Any]], *, at: datetime
) -> None:
    """Ends an erasure: the receipts of the batches it reached are stated anew.

    Args:
        ops: The ops database.
        erasure: The erasure.
        receipts: Results by number of the batch.
        at: Instant.
    """
    with ops.begin() as connection:
        events.lock(connection)
        restate(connection, receipts, verb="restated", at=at)
        mine = erasures.update().where(erasures.c.erasure_id == erasure.erasure_id)
        upto = _newest_batch(connection)
        connection.execute(mine.values(state=FINISHED, removed=None, upto=upto))
        subject, body = str(erasure.erasure_id), {"batches": sorted(receipts), "upto": upto}
        events.append(connection, kind=f"erasure.{FINISHED}", subject=subject, body=body, at=at)


def _newest_batch(connection: sa.Connection) -> int:
    """Number of the newest batch; 0 before the first."""
    return connection.scalar(sa.select(sa.func.max(batches.c.batch_id))) or 0


def restate(
    connection: sa.Connection, receipts: Mapping[int, Mapping[str, Any]], *, verb: str, at: datetime
) -> None:
    """Replaces the receipts of committed batches, each with an event."""
    for number, result in sorted(receipts.items()):
        kind = connection.execute(
            batches.update()
            .where(batches.c.batch_id == number)
            .values(result=dict(result))
            .returning(batches.c.kind)
        ).scalar_one()
        events.append(connection, kind=f"{kind}.{verb}", subject=str(number), body=result, at=at)


def erase_corrections(ops: sa.Engine, erasure: Erasure, contents: Collection[str], at: datetime) -> None:
    """Takes the values out of the corrections of some contents, and out of the events that made them."""
    mine = corrections.update().where(sql.among(corrections.c.content_digest, contents))
    erased = mine.values(content_digest=GONE, new_text=None).returning(corrections.c.correction_id)
    with ops.begin() as connection:
        events.lock(connection)
        for number in sorted(connection.scalars(erased)):
            events.redact(connection, "correction.made", str(number), erasure.erasure_id, at)


def rows_of(places: Places) -> Iterator[tuple[str, str, int]]:
    """Every row of some places: submission, number of the object, number of the row."""
    for submission, objects in sorted(places.items()):
        for number, ranges in objects.items():
            for first, last in ranges:
                yield from ((submission, number, row) for row in range(first, last + 1))


def ranged(rows: Collection[int]) -> list[list[int]]:
    """Numbers as ranges.

    >>> ranged({1, 2, 3, 7})
    [[1, 3], [7, 7]]
    """
    found: list[list[int]] = []
    for row in sorted(rows):
        if found and found[-1][1] == row - 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return found


def numbers_in(ranges: Collection[list[int]]) -> set[int]:
    """The numbers of some ranges."""
    return {row for first, last in ranges for row in range(first, last + 1)}
