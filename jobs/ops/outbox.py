"""The outbox to the national portal: what is due, what was sent, what was refused. No value of a record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from jobs.ops.erasures import REFUSED, Places
from schemas.core.landed import PLACE
from schemas.derive import sql
from schemas.ops import portal_steps as steps
from schemas.ops import portal_submissions as derived

PENDING, SENT, REJECTED = "pending", "sent", "rejected"
SUPERSEDED, WITHDRAWN = "superseded", "withdrawn"
_ORDER = ("version", "received_at", *PLACE)
"""Of a dossier's steps."""
_AGAIN: dict[str, Any] = {
    "state": PENDING,
    "attempts": 0,
    "next_try_at": None,
    "code": None,
    "reason": None,
}
_NOTED = ("state", "attempts", "code", "reason", "next_try_at")
Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """A version of a dossier in the outbox."""

    submission_id: str
    object_no: int
    row_no: int
    province_code: str
    dossier_key: str
    status: str
    digest: str
    state: str
    attempts: int
    has_been_sent: bool
    """Whether the portal accepted it once."""

    @property
    def place(self) -> Place:
        """Where its row was landed."""
        return self.submission_id, self.object_no, self.row_no


def known(ops: sa.Engine) -> dict[str, tuple[int, bool]]:
    """Of each submission that the outbox knows, the conform batch, and whether it was retracted."""
    with ops.connect() as connection:
        rows = connection.execute(sa.select(derived))
        return {row.submission_id: (row.batch_id, row.is_retracted) for row in rows}


def settle(
    connection: sa.Connection, due: sa.Table, touched: Mapping[str, tuple[int, bool]]
) -> dict[str, int]:
    """Brings the outbox's rows of some submissions into line with what stands of them; within a transaction.

    A row that fell is withdrawn; a dossier that loses a step which the portal has is sent once more as it
    stands now. A step before one that was sent is not sent any more: statuses do not go back.

    Args:
        connection: To ops.
        due: A table with the steps that stand: place, province, key, version, receipt, status, digest.
        touched: The submissions, each with its conform batch and whether it is retracted.

    Returns:
        How many steps were added or changed, and how many withdrawn.
    """
    mine = sql.among(steps.c.submission_id, touched)
    stands = sa.exists().where(*(due.c[name] == steps.c[name] for name in PLACE))
    fallen = sa.and_(mine, steps.c.state != WITHDRAWN, ~stands)
    lost = set(connection.scalars(sa.select(steps.c.dossier_key).where(fallen, steps.c.state == SENT)))
    withdrawn = connection.execute(steps.update().where(fallen).values(state=WITHDRAWN)).rowcount
    merged = _merged(due).returning(steps.c.row_no).cte("merged")
    changed = connection.scalar(sa.select(sa.func.count()).select_from(merged)) or 0
    _reopen(connection, lost)
    keys = sa.or_(steps.c.dossier_key.in_(sa.select(due.c.dossier_key)), sql.among(steps.c.dossier_key, lost))
    waiting = steps.c.state.in_((PENDING, REJECTED))
    superseded = _AGAIN | {"state": SUPERSEDED}
    connection.execute(steps.update().where(waiting, keys, _has_later(accepted=True)).values(superseded))
    _note_known(connection, touched)
    return {"changed": changed, "withdrawn": withdrawn}


def _merged(due: sa.Table) -> Any:
    """New steps, and those of which something is other than it was."""
    told = ("province_code", "dossier_key", "version", "received_at", "status", "digest")
    names = (*PLACE, *told, "state")
    query = sa.select(*(due.c[name] for name in (*PLACE, *told)), sa.literal(PENDING).label("state"))
    row = insert(steps).from_select(names, query)
    differs = sa.or_(
        steps.c.state == WITHDRAWN,
        *(steps.c[name].is_distinct_from(row.excluded[name]) for name in told),
    )
    return row.on_conflict_do_update(
        index_elements=[*PLACE],
        set_={**{name: row.excluded[name] for name in told}, **_AGAIN},
        where=differs,
    )


def _note_known(connection: sa.Connection, touched: Mapping[str, tuple[int, bool]]) -> None:
    row = insert(derived)
    told = {name: row.excluded[name] for name in ("batch_id", "is_retracted")}
    rows = [
        {"submission_id": name, "batch_id": batch_id, "is_retracted": is_retracted}
        for name, (batch_id, is_retracted) in touched.items()
    ]
    connection.execute(row.on_conflict_do_update(index_elements=["submission_id"], set_=told), rows)


def _reopen(connection: sa.Connection, keys: Collection[str]) -> None:
    """Lets the newest standing step of some dossiers be sent, whether it was before or not."""
    newest = sa.and_(sql.among(steps.c.dossier_key, keys), steps.c.state != WITHDRAWN)
    connection.execute(steps.update().where(newest, ~_has_later()).values(_AGAIN))


def _has_later(*, accepted: bool = False) -> sa.ColumnElement[bool]:
    """Whether a step's dossier has a later one that stands, or one that stands and was accepted once."""
    other = steps.alias()
    return sa.exists().where(
        other.c.dossier_key == steps.c.dossier_key,
        other.c.state != WITHDRAWN,
        *([other.c.sent_at.is_not(None)] if accepted else []),
        sa.tuple_(*(other.c[name] for name in _ORDER)) > sa.tuple_(*(steps.c[name] for name in _ORDER)),
    )


def due(ops: sa.Engine, *, at: datetime, after: str, limit: int) -> list[Step]:
    """Unsent steps of the next dossiers whose newest is due, each dossier's in order.

    Args:
        ops: The ops database.
        at: Instant; whose next try is later waits.
        after: Key of the dossier that the slice comes after.
        limit: Dossiers at most.
    """
    is_due = sa.or_(steps.c.next_try_at.is_(None), steps.c.next_try_at <= at)
    newest = (
        sa.select(steps.c.dossier_key)
        .where(steps.c.state == PENDING, is_due, steps.c.dossier_key > after, ~_has_later())
        .order_by(steps.c.dossier_key)
        .limit(limit)
    )
    with ops.connect() as connection:
        keys = list(connection.scalars(newest))
        unsent = steps.c.state.in_((PENDING, REJECTED))
        return _steps(connection, sa.and_(sql.among(steps.c.dossier_key, keys), unsent))


def newest_sent(ops: sa.Engine, *, province: str | None, after: str, limit: int) -> list[Step]:
    """The newest standing steps of the next dossiers of which the portal accepted them."""
    mine = [] if province is None else [steps.c.province_code == province]
    of_sent = sa.and_(steps.c.state == SENT, steps.c.dossier_key > after, *mine, ~_has_later())
    with ops.connect() as connection:
        return _steps(connection, of_sent, limit)


def _steps(
    connection: sa.Connection, condition: sa.ColumnElement[bool], limit: int | None = None
) -> list[Step]:
    names = ("province_code", "dossier_key", "status", "digest", "state", "attempts")
    columns = [steps.c[name] for name in (*PLACE, *names)]
    query = sa.select(*columns, steps.c.sent_at.is_not(None).label("has_been_sent")).where(condition)
    ordered = query.order_by(steps.c.dossier_key, *(steps.c[name] for name in _ORDER)).limit(limit)
    return [Step(**row) for row in connection.execute(ordered).mappings()]


def reached(ops: sa.Engine, keys: Collection[str]) -> set[str]:
    """Which of some dossiers the portal has accepted once."""
    query = sa.select(steps.c.dossier_key).where(
        sql.among(steps.c.dossier_key, keys), steps.c.sent_at.is_not(None)
    )
    with ops.connect() as connection:
        return set(connection.scalars(query))


def note(ops: sa.Engine, found: Iterable[tuple[Step, Mapping[str, Any]]], *, at: datetime) -> None:
    """Records what became of steps, in one transaction; one that changed meanwhile is left alone.

    Args:
        ops: The ops database.
        found: Steps, each with its state, attempts and code, and with reason or next try where it has one.
        at: Instant of the try.
    """
    rows = [
        {
            "of_submission": step.submission_id,
            "of_object": step.object_no,
            "of_row": step.row_no,
            "of_digest": step.digest,
            **{f"new_{name}": told.get(name) for name in _NOTED},
        }
        for step, told in found
    ]
    if not rows:
        return
    accepted = sa.bindparam("new_state", type_=sa.Text) == SENT
    update = (
        steps.update()
        .where(
            steps.c.submission_id == sa.bindparam("of_submission"),
            steps.c.object_no == sa.bindparam("of_object"),
            steps.c.row_no == sa.bindparam("of_row"),
            steps.c.digest == sa.bindparam("of_digest"),
        )
        .values(
            **{name: sa.bindparam(f"new_{name}", type_=steps.c[name].type) for name in _NOTED},
            tried_at=at,
            sent_at=sa.case((accepted, sa.literal(at)), else_=steps.c.sent_at),
        )
    )
    with ops.begin() as connection:
        connection.execute(update, rows)


def put_back(ops: sa.Engine, places: Sequence[Place]) -> None:
    """Lets steps be sent again: the portal does not hold what it accepted."""
    with ops.begin() as connection:
        for place in places:
            mine = [steps.c[name] == value for name, value in zip(PLACE, place, strict=True)]
            connection.execute(steps.update().where(*mine).values(_AGAIN))


def rejected(ops: sa.Engine) -> list[tuple[str, int, int, str, datetime]]:
    """Place, reason and instant of every step that is refused, the newest of its dossier."""
    query = sa.select(*(steps.c[name] for name in (*PLACE, "reason", "tried_at"))).where(
        steps.c.state == REJECTED, ~_has_later()
    )
    with ops.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def counts(ops: sa.Engine) -> list[dict[str, Any]]:
    """Dossiers by province: due (those with a step that stands), and by the state of their newest step."""
    newest = sa.select(steps).where(steps.c.state != WITHDRAWN, ~_has_later()).subquery()
    states = {
        "synced": newest.c.state == SENT,
        "pending": newest.c.state == PENDING,
        "rejected": newest.c.state == REJECTED,
    }
    query = (
        sa.select(
            newest.c.province_code,
            sa.func.count().label("due"),
            *(sa.func.count().filter(condition).label(name) for name, condition in states.items()),
            sa.func.max(newest.c.sent_at).label("last_sent_at"),
        )
        .group_by(newest.c.province_code)
        .order_by(newest.c.province_code)
    )
    with ops.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def erase(ops: sa.Engine, places: Places) -> None:
    """Deletes the steps of erased rows; what a dossier has left of those that were sent is sent again."""
    lost: set[str] = set()
    with ops.begin() as connection:
        for submission, objects in places.items():
            for number, ranges in objects.items():
                if number.startswith(REFUSED):
                    continue
                for first, last in ranges:
                    gone = steps.delete().where(
                        steps.c.submission_id == submission,
                        steps.c.object_no == int(number),
                        steps.c.row_no.between(first, last),
                    )
                    found = connection.execute(gone.returning(steps.c.dossier_key, steps.c.state))
                    lost |= {row.dossier_key for row in found if row.state == SENT}
        _reopen(connection, lost)
