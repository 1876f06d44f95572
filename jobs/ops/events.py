"""The hash-chained event log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from schemas.ops import events

GENESIS = "0" * 64
HEADS = "_ledger/heads/"
"""Where heads of the chain are kept outside ops, below the landing bucket."""
_LOCK = 7_001
_REDACTED = "event.redacted"


def append(
    connection: sa.Connection, *, kind: str, subject: str, body: Mapping[str, Any], at: datetime
) -> int:
    """Appends an event within the caller's transaction and gives its number.

    Appends are serialised, so the chain has no forks and no gaps.
    """
    lock(connection)
    last = connection.execute(
        sa.select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
    ).one_or_none()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    plain = json.loads(json.dumps(body, default=str))
    connection.execute(
        events.insert().values(
            seq=seq,
            at=at,
            kind=kind,
            subject=subject,
            body=plain,
            prev_hash=previous,
            hash=event_hash(seq, at, kind, subject, plain, previous),
        )
    )
    return seq


def lock(connection: sa.Connection) -> None:
    """Holds the log until the transaction ends."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def event_hash(
    seq: int, at: datetime, kind: str, subject: str, body: Mapping[str, Any], previous: str
) -> str:
    """SHA-256 of an event's canonical JSON and the hash before it."""
    whole = [
        seq,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        kind,
        subject,
        body,
        previous,
    ]
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def redact(connection: sa.Connection, kind: str, subject: str, erasure_id: int, at: datetime) -> None:
    """Takes the body out of an event whose values are erased by law; its hash stays in the chain.

    A later event says so, and only for the event it names does verification do without the body.
    """
    mine = sa.and_(events.c.kind == kind, events.c.subject == subject)
    body = {"erasure_id": erasure_id}
    for seq in connection.scalars(events.update().where(mine).values(body=body).returning(events.c.seq)):
        append(connection, kind=_REDACTED, subject=str(seq), body=body, at=at)


def _redactions(connection: sa.Connection) -> dict[str, Mapping[str, Any]]:
    """Bodies that redacted events have now, by their number."""
    query = sa.select(events.c.subject, events.c.body).where(events.c.kind == _REDACTED)
    return {row.subject: row.body for row in connection.execute(query)}


def verify(connection: sa.Connection) -> int | None:
    """Number of the first event that breaks the chain; None when it holds."""
    previous, expected = GENESIS, 1
    redacted = _redactions(connection)
    query = sa.select(events).order_by(events.c.seq)
    rows = connection.execute(query, execution_options={"yield_per": 1000})
    for row in rows:
        own = event_hash(row.seq, row.at, row.kind, row.subject, row.body, row.prev_hash)
        is_own = row.hash == own or redacted.get(str(row.seq)) == row.body
        if row.seq != expected or row.prev_hash != previous or not is_own:
            return expected
        previous, expected = row.hash, expected + 1
    return None


def head_key(seq: int) -> str:
    """Key of a kept head; keys are in the order of the events."""
    return f"{HEADS}{seq:012d}.json"


def head(connection: sa.Connection, *, but: str = "") -> tuple[int, str]:
    """Number and hash of the last event; 0 and the genesis hash for an empty log.

    Args:
        connection: To ops.
        but: Kinds to pass over, as a pattern of SQL.
    """
    query = sa.select(events.c.seq, events.c.hash).where(events.c.kind.not_like(but))
    row = connection.execute(query.order_by(events.c.seq.desc()).limit(1)).one_or_none()
    return (row.seq, row.hash) if row else (0, GENESIS)
