"""What is known of every source: last success, counts and lateness by register; and where everything is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, make_url

from jobs import ops
from jobs.merge.plan import taken
from jobs.ops import batches, submissions
from jobs.settings import Settings
from jobs.sources import model
from jobs.sources.freshness import freshness
from schemas.contract import REGISTERS
from schemas.types import ROW_DISPOSITIONS

_NEVER: tuple[datetime | None, bool] = (None, False)
_REGISTERS = (*(register.value for register in REGISTERS), "none")


def status(settings: Settings, *, at: datetime) -> dict[str, Any]:
    """Endpoints, and each source with its counts; from the operational database alone."""
    stated, engine = model.sources(settings), ops.engine(settings)
    feeds = stated.feeds
    counts, served = _counts(engine), _served(engine)
    known = freshness(settings, at=at)
    return {
        "at": at.isoformat(),
        "endpoints": endpoints(settings),
        "sources": [
            {
                **one,
                "name": feeds[one["source"]].province_name,
                "kind": feeds[one["source"]].kind,
                "registers": {
                    name: {
                        **counts.get(one["source"], _none())[name],
                        "served_at": served[name].get(one["source"], _NEVER)[0],
                        "is_late": one["is_late"] or served[name].get(one["source"], _NEVER)[1],
                    }
                    for name in _REGISTERS
                },
            }
            for one in known
        ],
        "late": [one["source"] for one in known if one["is_late"]],
        "faults": dict(stated.faults),
    }


def endpoints(settings: Settings) -> dict[str, str]:
    """Where every service is; the databases' passwords are in ``settings.env`` and not shown."""
    return {
        **{one.value: _shown(settings.register_url(one.value)) for one in REGISTERS},
        "ops": _shown(settings.ops_url),
        "s3": settings.s3_endpoint,
        "catalog": settings.catalog_uri,
        "airflow": settings.airflow_url,
        "open_data": f"{settings.s3_endpoint}/{settings.open_bucket}/index.html",
        "portal": settings.portal_url,
        "sandbox": settings.sandbox_url,
    }


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True) if url else url


def _none() -> dict[str, dict[str, int]]:
    return {register: {"landed": 0, **dict.fromkeys(ROW_DISPOSITIONS, 0)} for register in _REGISTERS}


def _counts(engine: Engine) -> Mapping[str, dict[str, dict[str, int]]]:
    """Rows by feed, register and disposition, as the newest conform of each submission left them."""
    conforms = batches.committed(engine, "conform")  # Read once: another may commit at any moment.
    live = {name: batch.batch_id for batch in conforms for name in batch.plan["submissions"]}
    feeds: dict[str, dict[str, dict[str, int]]] = defaultdict(_none)
    for batch in conforms:
        for entry in (batch.result or {}).get("counts", []):
            submission = entry["submission_id"]
            if live[submission] == batch.batch_id:
                told = feeds[submission.rpartition(".")[0]][entry["register"]]
                told[entry["disposition"]] += entry["rows"]
                told["landed"] += entry["rows"]
    return feeds


def _served(engine: Engine) -> dict[str, dict[str, tuple[datetime | None, bool]]]:
    """By register and feed: when what it serves was received, and whether something sealed still waits."""
    # The merges are read before the conforms, so that what they took is among these.
    merges = {register: taken(engine, register.value) for register in REGISTERS}
    conforms = {batch.batch_id: batch for batch in batches.committed(engine, "conform")}
    told: dict[str, dict[str, tuple[datetime | None, bool]]] = {"none": {}}
    for register, numbers in merges.items():
        merged = {name for number in numbers for name in conforms[number].plan["submissions"]}
        mine = told.setdefault(register.value, {})
        for one in submissions.listed(engine, "sealed"):
            served, waits = mine.get(one.feed_id, (None, False))
            is_merged = one.submission_id in merged
            mine[one.feed_id] = (one.received_at if is_merged else served, waits or not is_merged)
    return told
