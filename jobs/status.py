"""What is known of every source: last success, counts by register, lateness; and where everything is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from jobs import ops
from jobs.ops import batches
from jobs.settings import Settings
from jobs.sources import model
from jobs.sources.freshness import freshness
from jobs.sync.summary import ROWS
from schemas.contract import REGISTERS

_REGISTERS = (*(register.value for register in REGISTERS), "none")


def status(settings: Settings, *, at: datetime) -> dict[str, Any]:
    """Endpoints, and each source with its counts; from the operational database alone."""
    feeds = model.load(settings)
    counts = _counts(ops.engine(settings))
    known = freshness(settings, at=at)
    return {
        "at": at.isoformat(),
        "endpoints": endpoints(settings),
        "sources": [
            {
                **one,
                "name": feeds[one["source"]].province_name,
                "kind": feeds[one["source"]].kind,
                "registers": counts.get(one["source"], _none()),
            }
            for one in known
        ],
        "late": [one["source"] for one in known if one["is_late"]],
    }


def endpoints(settings: Settings) -> dict[str, str]:
    """Where every service is; the registers' URLs carry their password, as psql needs it."""
    return {
        **{register.value: settings.register_url(register.value) for register in REGISTERS},
        "ops": settings.ops_url,
        "s3": settings.s3_endpoint,
        "catalog": settings.catalog_uri,
        "airflow": settings.airflow_url,
        "open_data": f"{settings.s3_endpoint}/{settings.open_bucket}/index.html",
        "sandbox": settings.sandbox_url,
    }


def _none() -> dict[str, dict[str, int]]:
    return {register: {"landed": 0, **dict.fromkeys(ROWS, 0)} for register in _REGISTERS}


def _counts(engine: Engine) -> Mapping[str, dict[str, dict[str, int]]]:
    """Rows by feed, register and disposition, as the newest conform of each submission left them."""
    live = batches.live_conforms(engine)
    feeds: dict[str, dict[str, dict[str, int]]] = defaultdict(_none)
    for batch in batches.committed(engine, "conform"):
        for entry in (batch.result or {}).get("counts", []):
            submission = entry["submission_id"]
            if live[submission] == batch.batch_id:
                told = feeds[submission.rpartition(".")[0]][entry["register"]]
                told[entry["disposition"]] += entry["rows"]
                told["landed"] += entry["rows"]
    return feeds
