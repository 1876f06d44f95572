"""Callbacks of deadlines; they run in the triggerer."""

from __future__ import annotations

import logging
from typing import Any


async def deadline_missed(name: str, **context: Any) -> None:
    """Says in the log which deadline was missed; the freshness check says it independently."""
    run = context.get("context", {}).get("dag_run", {})
    identity = run.get("run_id") if isinstance(run, dict) else None
    logging.getLogger("lienthong").error("deadline missed: %s, run %s", name, identity)
