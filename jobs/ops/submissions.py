"""Submissions: sealed pulls, in landing order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jobs.errors import Refused, UsageFault
from jobs.ops import events
from schemas.ops import batches, cursors, submissions
from schemas.ops import events as log

_RETRACTED, _RESTORED = "submission.retracted", "submission.restored"


@dataclass(frozen=True, slots=True)
class Submission:
    """One pull of a feed."""

    submission_id: str
    number: int
    feed_id: str
    province_code: str
    sequence: int
    state: str
    opened_at: datetime
    received_at: datetime | None
    progress: Mapping[str, Any]
    manifest: Mapping[str, Any] | None


def begin(ops: sa.Engine, *, feed_id: str, province_code: str, at: datetime) -> Submission:
    """The feed's submission that is still being pulled, else a new one."""
    with ops.begin() as connection:
        events.lock(connection)
        open_one = connection.execute(
            sa.select(submissions).where(submissions.c.feed_id == feed_id, submissions.c.state == "pulling")
        ).one_or_none()
        if open_one:
            return _submission(open_one)
        mine = submissions.c.feed_id == feed_id
        sequence = (connection.scalar(sa.select(sa.func.max(submissions.c.sequence)).where(mine)) or 0) + 1
        number = (connection.scalar(sa.select(sa.func.max(submissions.c.number))) or 0) + 1
        row = connection.execute(
            submissions.insert()
            .values(
                submission_id=f"{feed_id}.{sequence:08d}",
                number=number,
                feed_id=feed_id,
                province_code=province_code,
                sequence=sequence,
                state="pulling",
                opened_at=at,
                progress={},
            )
            .returning(submissions)
        ).one()
        events.append(
            connection,
            kind="submission.opened",
            subject=row.submission_id,
            body={"feed_id": feed_id, "province_code": province_code, "number": number},
            at=at,
        )
        return _submission(row)


def note_progress(ops: sa.Engine, submission_id: str, progress: Mapping[str, Any]) -> None:
    """Keeps how far a pull has come, so that a killed one resumes there.

    Raises:
        Refused: The submission is no longer being pulled.
    """
    with ops.begin() as connection:
        _change(connection, submission_id, progress=dict(progress))


def _change(connection: sa.Connection, submission_id: str, **values: Any) -> None:
    """Changes a submission that is being pulled, and no other."""
    changed = connection.execute(
        submissions.update()
        .where(submissions.c.submission_id == submission_id, submissions.c.state == "pulling")
        .values(**values)
    ).rowcount
    if not changed:
        raise Refused(f"{submission_id} is no longer being pulled: another pull closed it.", "pull again.")


def seal(
    ops: sa.Engine,
    submission: Submission,
    *,
    manifest: Mapping[str, Any],
    cursor: tuple[datetime, str] | None,
    at: datetime,
    write: Callable[[], None] = lambda: None,
    progress: Mapping[str, Any] | None = None,
) -> None:
    """Seals a submission and moves its feed's cursor with it.

    Args:
        ops: The ops database.
        submission: The submission.
        manifest: What is in it.
        cursor: How far its feed was read; None leaves the feed's cursor.
        at: When it was received.
        write: Writes the manifest and reads it back. Nobody else can seal meanwhile, so that a pull that
            lost its lock does not write over a manifest that is sealed.
        progress: What the next pull of the feed is told of this one; nothing when None.

    Raises:
        Refused: The submission is no longer being pulled.
    """
    with ops.begin() as connection:
        sealed_now = {"state": "sealed", "received_at": at, "manifest": dict(manifest)}
        _change(connection, submission.submission_id, **sealed_now, progress=dict(progress or {}))
        write()
        events.lock(connection)
        if cursor is not None:
            values = {"updated_at": cursor[0], "last_id": cursor[1]}
            connection.execute(cursors.delete().where(cursors.c.feed_id == submission.feed_id))
            connection.execute(cursors.insert().values(feed_id=submission.feed_id, **values))
        body = {"manifest": manifest, "cursor": list(cursor) if cursor else None}
        events.append(
            connection, kind="submission.sealed", subject=submission.submission_id, body=body, at=at
        )


def discard(
    ops: sa.Engine, submission: Submission, at: datetime, *, progress: Mapping[str, Any] | None = None
) -> None:
    """Closes a pull that brought nothing.

    Args:
        ops: The ops database.
        submission: The submission.
        at: When it was closed.
        progress: What the next pull of the feed is told of this one; what is noted of it when None.

    Raises:
        Refused: The submission is no longer being pulled.
    """
    with ops.begin() as connection:
        events.lock(connection)
        told = {} if progress is None else {"progress": dict(progress)}
        _change(connection, submission.submission_id, state="empty", received_at=at, **told)
        events.append(connection, kind="submission.empty", subject=submission.submission_id, body={}, at=at)


def retract(ops: sa.Engine, submission_id: str, *, reason: str, by: str, at: datetime) -> None:
    """Marks a sealed submission as one that counts as if it had never been sent; nothing if it is so marked.

    Raises:
        Refused: It was not sealed.
        UsageFault: There is no such submission.
    """
    _mark(ops, submission_id, "sealed", "retracted", {"reason": reason, "by": by}, at)


def restore(ops: sa.Engine, submission_id: str, *, reason: str, by: str, at: datetime) -> None:
    """Takes a retraction back; nothing if the submission is not retracted.

    Raises:
        Refused: It was not sealed.
        UsageFault: There is no such submission.
    """
    _mark(ops, submission_id, "retracted", "sealed", {"reason": reason, "by": by}, at)


def _mark(
    ops: sa.Engine, submission_id: str, before: str, after: str, body: Mapping[str, str], at: datetime
) -> None:
    mine = submissions.c.submission_id == submission_id
    with ops.begin() as connection:
        events.lock(connection)
        state = connection.scalar(sa.select(submissions.c.state).where(mine))
        if state is None:
            raise UsageFault(f"There is no submission {submission_id}.", "lienthong explain prints them.")
        if state == after:
            return
        if state != before:
            raise Refused(
                f"{submission_id} is {state}, not {before}.",
                "name a submission in that state; lienthong explain prints them.",
            )
        connection.execute(submissions.update().where(mine).values(state=after))
        kind = _RETRACTED if after == "retracted" else _RESTORED
        events.append(connection, kind=kind, subject=submission_id, body=dict(body), at=at)


def retractions(ops: sa.Engine) -> dict[str, dict[str, Any]]:
    """Who took each retracted submission back, when and why."""
    query = sa.select(log.c.subject, log.c.kind, log.c.body, log.c.at).order_by(log.c.seq)
    found: dict[str, dict[str, Any]] = {}
    with ops.connect() as connection:
        for row in connection.execute(query.where(log.c.kind.in_((_RETRACTED, _RESTORED)))):
            found.pop(row.subject, None)
            if row.kind == _RETRACTED:
                found[row.subject] = {**row.body, "at": row.at}
    return found


def listed(ops: sa.Engine, state: str | None = None) -> list[Submission]:
    """Submissions in landing order, of one state or of all."""
    query = sa.select(submissions).order_by(submissions.c.number)
    if state is not None:
        query = query.where(submissions.c.state == state)
    with ops.connect() as connection:
        return [_submission(row) for row in connection.execute(query)]


def unconformed(ops: sa.Engine) -> list[Submission]:
    """Submissions with a manifest that no conform batch has, planned ones included; retracted ones too."""
    with ops.connect() as connection:
        taken = {
            name
            for plan in connection.scalars(sa.select(batches.c.plan).where(batches.c.kind == "conform"))
            for name in plan["submissions"]
        }
    return [one for one in listed(ops) if one.manifest is not None and one.submission_id not in taken]


def get(ops: sa.Engine, submission_id: str) -> Submission | None:
    """A submission by its id."""
    with ops.connect() as connection:
        row = connection.execute(
            sa.select(submissions).where(submissions.c.submission_id == submission_id)
        ).one_or_none()
    return _submission(row) if row else None


def _submission(row: Any) -> Submission:
    return Submission(
        row.submission_id,
        row.number,
        row.feed_id,
        row.province_code,
        row.sequence,
        row.state,
        row.opened_at,
        row.received_at,
        row.progress,
        row.manifest,
    )
