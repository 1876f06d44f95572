"""Policies that every DAG has: owner, retries by kind of fault, deadline, pools."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

SOURCES, SPARK, PORTAL = "sources", "spark", "portal"
"""Pools: how many sources are asked, how many tasks use Spark, how many send to the portal, at one time."""
TAGS = frozenset(
    {
        *(f"layer:{name}" for name in ("landing", "core", "curated", "open", "ops")),
        *(f"domain:{name}" for name in ("population", "land", "business", "all")),
        *(f"impact:tier_{number}" for number in (1, 2, 3)),
    }
)
"""The closed vocabulary of tags."""
# The first rule that matches holds, and a rule takes subclasses: the exceptions from the last come first.
BY_FAULT = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="jobs.errors.Unreachable",
            action=RetryAction.RETRY,
            retry_delay=timedelta(seconds=20),
            reason="the source or service did not answer; it may later",
        ),
        RetryRule(
            exception="jobs.faults.StageFailed",
            action=RetryAction.RETRY,
            reason="a service or the machine failed; it may pass",
        ),
        RetryRule(
            exception="jobs.errors.LienthongError",
            action=RetryAction.FAIL,
            reason="refused: trying again gives the same",
        ),
    ]
)
DEFAULTS: dict[str, Any] = {
    "owner": "data-engineering",
    "retries": 1,
    "retry_delay": timedelta(seconds=5),
    "retry_policy": BY_FAULT,
    "execution_timeout": timedelta(hours=2),
}


def within(interval: timedelta, name: str) -> DeadlineAlert:
    """An alert when a run has not ended in time after it was queued."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=interval,
        callback=AsyncCallback("dags.support.alerts.deadline_missed", {"name": name}),
        name=name,
    )
