"""What is due to the portal, derived from core: the same core, the same outbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from jobs import ops, session
from jobs.ops import batches, outbox, submissions
from jobs.portal import messages
from jobs.registry import staging
from jobs.settings import Settings

_ROWS = 50_000
"""Landed rows of the submissions that are looked at in one go."""
_STAGED = pa.schema(
    [
        ("submission_id", pa.string()),
        ("object_no", pa.int64()),
        ("row_no", pa.int64()),
        ("province_code", pa.string()),
        ("dossier_key", pa.string()),
        ("version", pa.int64()),
        ("received_at", pa.timestamp("us", tz="UTC")),
        ("status", pa.string()),
        ("digest", pa.string()),
    ]
)
Touched = Mapping[str, tuple[int, bool]]


def derive(settings: Settings) -> dict[str, int]:
    """Brings the outbox into line with core, for every submission that was conformed or retracted since.

    Without anything new it costs a query of ops. Whoever calls it holds the lock of the portal.

    Returns:
        How many steps were ``changed`` (added, or other than they were), and how many ``withdrawn``.
    """
    engine = ops.engine(settings)
    told = {"changed": 0, "withdrawn": 0}
    for group in _groups(engine, touched(engine)):
        for name, number in _settle(settings, engine, group).items():
            told[name] += number
    return told


def touched(engine: Engine) -> dict[str, tuple[int, bool]]:
    """Submissions of which the outbox knows an earlier conform or state, with those of now."""
    retracted = {one.submission_id for one in submissions.listed(engine, "retracted")}
    now = {name: (batch, name in retracted) for name, batch in batches.live_conforms(engine).items()}
    known = outbox.known(engine)
    return {name: state for name, state in sorted(now.items()) if known.get(name) != state}


def _groups(engine: Engine, whole: Touched) -> Iterator[Touched]:
    """Submissions in groups of about equal size, in order."""
    rows: dict[str, int] = {}
    for batch in batches.committed(engine, "conform") if whole else ():
        for entry in (batch.result or {}).get("counts", ()):
            if whole.get(entry["submission_id"], (None,))[0] == batch.batch_id:
                rows[entry["submission_id"]] = rows.get(entry["submission_id"], 0) + entry["rows"]
    group: dict[str, tuple[int, bool]] = {}
    size = 0
    for name, state in whole.items():
        if group and size + rows.get(name, 0) > _ROWS:
            yield group
            group, size = {}, 0
        group[name] = state
        size += rows.get(name, 0)
    if group:
        yield group


def _settle(settings: Settings, engine: Engine, group: Touched) -> dict[str, int]:
    key = settings.entity_key()
    found = messages.standing(session.connect(settings), engine, group)
    rows = [_staged(key, row) for row in found.toArrow().to_pylist()]
    with engine.begin() as connection:
        due = staging.stage(connection, "portal_due", _STAGED, pa.Table.from_pylist(rows, _STAGED))
        told = outbox.settle(connection, due, group)
        due.drop(connection)
    return told


def _staged(key: bytes, row: Mapping[str, Any]) -> dict[str, str | int | datetime]:
    told = {name: row[name] for name in _STAGED.names if name in row}
    return told | {"dossier_key": messages.key_of(key, row), "digest": messages.digest_of(key, row)}
