"""Builds a candidate of the open release, asks a person, and publishes what was approved.

The candidate is private until somebody decides. Figures are of closed months only; small cells are
suppressed; nothing names a person. **Form**: `at` is the instant of the release.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import CronTriggerTimetable, Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.support.assets import OPEN_DATA
from dags.support.policies import DEFAULTS, SPARK, within
from dags.support.run import Asked, call, carry_out
from schemas.zone import ZONE

if TYPE_CHECKING:
    from jobs.settings import Settings


@dag(
    schedule=CronTriggerTimetable("0 6 2 * *", timezone=ZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=__doc__,
    tags=["layer:open", "domain:all", "impact:tier_2"],
    deadline=within(timedelta(days=3), "the month's release is decided"),
    params={
        "at": Param(None, type=["null", "string"], format="date-time", title="Instant of the release"),
        "sync": Param(None, type=["null", "string"], title="Name of the run"),
    },
)
def publish_open_data() -> None:
    """Registers → open-data lake."""

    @task(pool=SPARK)
    def build() -> str:
        """A candidate with its disclosure report; the id of the release. Nothing new skips the rest."""
        from jobs import release  # noqa: PLC0415

        found: dict[str, Any] = {}
        carry_out("build_release", lambda s, now: found.update(release.build(s, at=now.at)) or found, [])
        if found["state"] == "published":
            raise AirflowSkipException(f"The data are those of release {found['release_id']}.")
        return str(found["release_id"])

    decision = HITLOperator(
        task_id="decision",
        subject="Open release {{ ti.xcom_pull(task_ids='build') }}: publish it?",
        body="See `lienthong release show {{ ti.xcom_pull(task_ids='build') }}`: datasets, rows, suppressed "
        "cells, what changed since the last release. What is published stays published.",
        options=["Approve", "Reject"],
        defaults=None,
        execution_timeout=None,
    )

    @task(outlets=OPEN_DATA)
    def decide(release_id: str, answer: dict[str, Any]) -> str:
        """Publishes or rejects, in the name of the person who answered."""
        if answer["chosen_options"] != ["Approve"]:
            call("reject_release", lambda s, now: decided(s, now, release_id, answer))
            return "rejected"
        carry_out("publish_open_data", lambda s, now: decided(s, now, release_id, answer), OPEN_DATA)
        return "published"

    release_id: Any = build()
    answer: Any = decision.output
    release_id >> decision
    decide(release_id, answer)


def decided(settings: Settings, now: Asked, release_id: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Carries a decision out at the instant of the answer, unless the form states another.

    Raises:
        Refused: The answer names nobody, or the release is no candidate any more.
    """
    from jobs import clock, release  # noqa: PLC0415

    by, at = person(answer), now.stated_at or clock.of(settings, answer["responded_at"])
    if answer["chosen_options"] == ["Approve"]:
        return release.approve(settings, release_id=release_id, by=by, at=at)
    return release.reject(settings, release_id=release_id, by=by, reason="rejected in Airflow", at=at)


def person(answer: Mapping[str, Any]) -> str:
    """Name of the person who answered.

    Raises:
        Refused: The answer names nobody.
    """
    from jobs.errors import Refused  # noqa: PLC0415

    name = str((answer.get("responded_by_user") or {}).get("name") or "").strip()
    if not name:
        raise Refused(
            "The decision names no person.", "decide in your own name: lienthong release approve or reject."
        )
    return name


publish_open_data()
