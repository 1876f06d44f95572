"""Compacts files, expires snapshots and sweeps orphans. No row is dropped.

Runs weekly; loads and readers may go on meanwhile. Truth (landing and the operational database) is never
touched.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from dags.support.policies import DEFAULTS, SPARK, within
from dags.support.run import carry_out
from schemas.zone import ZONE


@dag(
    schedule=CronTriggerTimetable("0 3 * * 0", timezone=ZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["layer:curated", "domain:all", "impact:tier_3"],
    deadline=within(timedelta(hours=6), "the lake is maintained"),
    params={
        "at": Param(None, type=["null", "string"], format="date-time", title="Instant of the run"),
        "keep_days": Param(7, type="integer", minimum=1, title="Days that replaced snapshots are kept"),
        "sync": Param(None, type=["null", "string"], title="Name of the run"),
    },
)
def maintain_lake() -> None:
    """Lake → lake."""

    @task(pool=SPARK)
    def maintain() -> dict[str, Any]:
        """Every table, one after the other."""
        from jobs.lake import maintenance  # noqa: PLC0415

        return dict(
            carry_out(
                "maintain_lake",
                lambda s, now: maintenance.maintain(
                    s, at=now.at, keep=timedelta(days=int(now.params["keep_days"]))
                ),
                outlets=[],
            )
        )

    maintain()


maintain_lake()
