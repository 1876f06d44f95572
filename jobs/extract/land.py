"""One piece of a delivery: looked at, landed, and noted in the state of its pull."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from minio import Minio

from jobs import objects
from jobs.landing import manifests
from jobs.landing.containers import Judged
from jobs.landing.content import size_of
from jobs.landing.rows import rows_of
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from jobs.sources.delivery import Piece
from schemas.layout import Layout


def land(
    settings: Settings,
    store: Minio,
    submission: Submission,
    piece: Piece,
    layout: Layout,
    state: dict[str, Any],
) -> None:
    """Writes a piece into the landing, and how it was found into the state of its pull."""
    folder = manifests.folder_of(submission.feed_id, submission.sequence)
    found = piece.judged(layout)
    kept = {"name": piece.name, "bytes": size_of(piece.data)}
    kept |= {} if piece.stamp is None else {"stamp": piece.stamp}
    if found.refusal is not None:
        number = len(state["refused"]) + 1
        key = f"{folder}refused/{number:06d}.{piece.form or 'bin'}"
        digest = objects.put(store, settings.landing_bucket, key, piece.data)
        state["refused"].append(kept | {"reason": found.refusal, "key": key, "sha256": digest})
    else:
        number = len(state["objects"]) + 1
        key = f"{folder}{number:06d}.{piece.form}"
        digest = objects.put(store, settings.landing_bucket, key, piece.data)
        entry = {
            "no": number,
            "key": key,
            "sha256": digest,
            "rows": _rows(piece, layout, found),
            "format": piece.form,
            "procedure": piece.procedure,
        }
        read = {"layout": found.layout, "members": [list(one) for one in found.members]}
        state["objects"].append(kept | entry | {name: told for name, told in read.items() if told})
    state["resume"], state["trouble"] = dict(piece.resume), piece.trouble
    if piece.is_gappy:
        state["newest"] = None
    elif piece.newest is not None:
        latest = [piece.newest[0].isoformat(), piece.newest[1]]
        state["newest"] = max(state["newest"] or latest, latest, key=position)


def _rows(piece: Piece, layout: Layout, found: Judged) -> int:
    """How many rows a piece has, by whoever counted them already."""
    for count in (piece.rows, found.rows):
        if count is not None:
            return count
    return sum(1 for _ in rows_of(piece.data, piece.form, replace(layout, **found.layout)))


def position(newest: list[str]) -> tuple[datetime, str]:
    """Change instant and id, from their texts: texts of instants have no order of their own."""
    return datetime.fromisoformat(newest[0]), newest[1]


def read_as(entry: Mapping[str, Any]) -> str:
    """What was found of a file, and is not guessed again: its encoding, what stands between its cells."""
    found = entry["layout"].get("members", {"": entry["layout"]})
    told = {", ".join(f"{name} {value!r}" for name, value in sorted(one.items())) for one in found.values()}
    return "; ".join(sorted(told))
