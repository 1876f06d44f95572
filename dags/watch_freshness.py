"""Fails when a source has had no success within its deadline, and names each with the reason.

It reads what the pulls themselves recorded, so it also speaks when deadline alerts are silent.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from dags.support.policies import DEFAULTS, within
from dags.support.run import carry_out
from schemas.zone import ZONE


@dag(
    schedule=CronTriggerTimetable("15 * * * *", timezone=ZONE),
    catchup=False,
    max_active_runs=1,
    default_args={**DEFAULTS, "retries": 0},
    doc_md=__doc__,
    tags=["layer:ops", "domain:all", "impact:tier_2"],
    deadline=within(timedelta(minutes=10), "freshness was looked at"),
    params={
        "at": Param(None, type=["null", "string"], format="date-time", title="Instant of the run"),
        "sync": Param(None, type=["null", "string"], title="Name of the run"),
    },
)
def watch_freshness() -> None:
    """Sources' last successes."""

    @task
    def look() -> dict[str, Any]:
        """Late sources fail the task."""
        from jobs.sources import freshness  # noqa: PLC0415

        return dict(carry_out("watch_freshness", lambda s, now: freshness.demand(s, at=now.at), outlets=[]))

    look()


watch_freshness()
