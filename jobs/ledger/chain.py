"""Layer ``ops``: the event chain, its anchors, and the projections that follow from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from jobs.ledger.anchors import Anchor
from jobs.ledger.difference import ABSENT, PRESENT, WITHHELD, Audit, Difference, compared
from jobs.ledger.projections import Expected, Row
from jobs.ops import decisions, erasures, events
from jobs.release import records
from schemas import ops as schema

LAYER = "ops"
_LARGE = {"plan", "result", "manifest"}
"""Columns compared by digest first."""
_WRITERS = {
    "manifest": ("submission.sealed", "submission.erased"),
    "plan": ("conform.planned", "merge.planned"),
    "result": tuple(
        f"{kind}.{verb}" for kind in ("conform", "merge") for verb in ("committed", "restated", "rebuilt")
    ),
}
"""Kinds of the events that write a document."""
_PERSONAL = {"new_text", "content_digest"}
"""Columns of a correction whose values are never shown."""
_PROJECTIONS = {
    "submissions": schema.submissions.c.submission_id,
    "batches": schema.batches.c.batch_id,
    "corrections": schema.corrections.c.correction_id,
    "cursors": schema.cursors.c.feed_id,
    "sources": schema.sources.c.feed_id,
    "releases": schema.releases.c.release_id,
    "erasures": schema.erasures.c.erasure_id,
}


def check(audit: Audit, heads: Sequence[tuple[str, Anchor | None]]) -> Iterator[Difference]:
    """Differences in ops itself.

    Args:
        audit: The verification.
        heads: Heads kept outside ops, read before the snapshot of ops was taken.
    """
    audit.step(LAYER, "event chain")
    yield from _chain(audit)
    for one in audit.book.erasures:
        if one.state != erasures.FINISHED:
            yield Difference(f"ops.erasures {one.erasure_id}", "state", erasures.FINISHED, one.state)
    audit.step(LAYER, "anchors")
    yield from _anchors(audit, heads)
    audit.step(LAYER, "projections")
    yield from _projections(audit)
    yield from _decisions(audit)


def _decisions(audit: Audit) -> Iterator[Difference]:
    """Identity decisions against what the merges that took them committed."""
    found = decisions.sums(audit.book.connection)
    audit.count(LAYER, "decisions", sum(number for number, _ in found.values()))
    expected = {
        batch.batch_id: (one["rows"], one["digest"]) if (one := result.get("decisions")) else decisions.NONE
        for batch, result in audit.book.results("merge")
    }
    open_batches = {one.batch_id for one in audit.book.batches if one.state == "planned"}
    for number in sorted(
        {*found, *expected} - open_batches, key=lambda batch: (batch is not None, batch or 0)
    ):
        wanted, given = (side.get(number, decisions.NONE) for side in (expected, found))
        yield from compared(
            f"ops.decisions of batch {number}",
            dict(zip(("rows", "digest"), wanted, strict=True)),
            dict(zip(("rows", "digest"), given, strict=True)),
        )


def _chain(audit: Audit) -> Iterator[Difference]:
    connection = audit.book.connection
    broken = events.verify(connection)
    seq, _ = events.head(connection)
    audit.count(LAYER, "events", seq)
    if broken is not None:
        row = connection.execute(sa.select(schema.events).where(schema.events.c.seq == broken)).one_or_none()
        if row is None:
            yield Difference(f"ops.events {broken}", "event", PRESENT, ABSENT)
            return
        own = events.event_hash(row.seq, row.at, row.kind, row.subject, row.body, row.prev_hash)
        what = "hash" if own != row.hash else "hash of the event before"
        yield Difference(f"ops.events {broken}", what, own, row.hash)


def _anchors(audit: Audit, heads: Sequence[tuple[str, Anchor | None]]) -> Iterator[Difference]:
    log = schema.events.c
    for key, head in heads:
        audit.count(LAYER, "anchors")
        if head is None:
            yield Difference(f"landing/{key}", "anchor", "a head of the event log", "unreadable")
        elif head.seq:
            found = audit.book.connection.scalar(sa.select(log.hash).where(log.seq == head.seq))
            if found != head.hash:
                yield Difference(f"ops.events {head.seq}", "anchored hash", head.hash, found or ABSENT)


def _projections(audit: Audit) -> Iterator[Difference]:
    expected = Expected()
    log = sa.select(schema.events).order_by(schema.events.c.seq)
    for event in audit.book.connection.execute(log, execution_options={"yield_per": 100}):
        expected.take(event, mark)
    for name, key in _PROJECTIONS.items():
        yield from _projection(audit, name, key, dict(getattr(expected, name)))


def _projection(
    audit: Audit, name: str, key: sa.Column[Any], expected: dict[str, Row]
) -> Iterator[Difference]:
    """Differences of one projection; rows are read one at a time."""
    table = key.table
    rows = audit.book.connection.execute(
        sa.select(table).order_by(key), execution_options={"yield_per": 10}
    ).mappings()
    for row in rows:
        audit.count(LAYER, name)
        subject = str(row[key.name])
        wanted = expected.pop(subject, None)
        if wanted is None:
            # A feed has a row of its own from its first attempt on; only pausing it is an event.
            if name != "sources" or row["is_paused"]:
                yield Difference(f"ops.{name} {subject}", "row", ABSENT, PRESENT)
            continue
        found = {column: _found(row, column) for column in wanted}
        for one in compared(f"ops.{name} {subject}", wanted, found):
            yield _detailed(audit, name, subject, one, row)
    for subject in sorted(expected):
        yield Difference(f"ops.{name} {subject}", "row", PRESENT, ABSENT)


def _found(row: sa.RowMapping, column: str) -> object:
    if column == "evidence":
        return records.evidence(row["body"])
    return mark(row[column]) if column in _LARGE else row[column]


def _detailed(audit: Audit, name: str, subject: str, one: Difference, row: sa.RowMapping) -> Difference:
    """The difference with the entry that differs where the column is a document; personal values withheld."""
    if one.what in _PERSONAL:
        return Difference(one.where, one.what, *WITHHELD)
    if one.what not in _LARGE:
        return one
    whole = _document(audit, name, subject, one.what)
    return next(compared(one.where, {one.what: whole}, {one.what: row[one.what]}), one)


def _document(audit: Audit, name: str, subject: str, column: str) -> Any:
    """A projection's document as the last event that wrote it has it."""
    log = schema.events.c
    query = (
        sa.select(log.body)
        .where(log.subject == subject, log.kind.in_(_WRITERS[column]))
        .order_by(log.seq.desc())
        .limit(1)
    )
    body = audit.book.connection.scalar(query)
    if body is None or (name == "batches" and column == "result"):
        return body
    return body[column]


def mark(document: object) -> object:
    """Digest of a document's canonical JSON; None for none."""
    if document is None:
        return None
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
