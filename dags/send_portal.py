"""Sends dossiers and their status steps to the national public service portal.

Runs when the registers are served, so that it takes no time from them, and every hour for what was put
off. What is due is derived from core; a run that was cut off costs nothing. **Form**: `most` dossiers at
most; `at` is the instant of the run.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, task

from dags.support.assets import database
from dags.support.policies import DEFAULTS, PORTAL, within
from dags.support.run import carry_out
from schemas.contract import REGISTERS
from schemas.zone import ZONE


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("45 * * * *", timezone=ZONE),
        assets=[database(register) for register in REGISTERS],
    ),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["layer:core", "domain:all", "impact:tier_2"],
    deadline=within(timedelta(hours=3), "what is due was sent to the portal"),
    params={
        "at": Param(None, type=["null", "string"], format="date-time", title="Instant of the run"),
        "most": Param(None, type=["null", "integer"], minimum=1, title="Dossiers at most"),
        "sync": Param(None, type=["null", "string"], title="Name of the sync"),
    },
)
def send_portal() -> None:
    """Core → national portal."""

    @task(pool=PORTAL)
    def send() -> dict[str, Any]:
        """All that is due; nothing where no portal is configured."""
        from jobs.portal import send as sending  # noqa: PLC0415

        def verb(settings: Any, now: Any) -> dict[str, Any]:
            if not settings.portal_url:
                return {"skipped": True, "batch_id": None}
            return sending.send(settings, at=now.at, most=now.params["most"])

        return dict(carry_out("send_portal", verb, outlets=[]))

    send()


send_portal()
