"""An open release through Airflow: build, decision of a person, publication."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from jobs.errors import Unreachable
from jobs.settings import Settings
from jobs.sync.airflow import Airflow

DAG = "publish_open_data"
_ANSWER_AFTER_SECONDS = 2
"""A decision answered in the second in which it begins to wait is lost (measured with Airflow 3.3.2)."""


def publish(settings: Settings, *, at: datetime, option: str, patience: float = 900) -> dict[str, Any]:
    """Runs the release DAG and answers its decision as the user of the settings; what became of it.

    Raises:
        Unreachable: Airflow does not answer, or the run does not end in time.
    """
    airflow, until = Airflow(settings), time.monotonic() + patience
    since = datetime.now(UTC)  # noqa: TID251  (Airflow's clock)
    run_id = airflow.trigger(DAG, {"at": at.isoformat(), "sync": f"release-{uuid.uuid4().hex[:12]}"})
    answered = False
    while time.monotonic() < until:
        state = next((run["state"] for run in airflow.runs(DAG, since) if run["dag_run_id"] == run_id), None)
        if state in {"success", "failed"}:
            return {"run_id": run_id, "state": state, "decision": option, "by": settings.airflow_user}
        if not answered and _is_ready(airflow, run_id):
            waiting = [one for one in airflow.waiting(DAG) if one["task_instance"]["dag_run_id"] == run_id]
            for one in waiting:
                airflow.answer(one, option)
                answered = True
        time.sleep(1)
    raise Unreachable("The open release does not end.", f"see the run {run_id} of {DAG} in Airflow.")


def _is_ready(airflow: Airflow, run_id: str) -> bool:
    """Whether the decision has been waiting long enough to be answered."""
    for one in airflow.waiting(DAG):
        if one["task_instance"]["dag_run_id"] == run_id:
            begun = datetime.fromisoformat(one["created_at"])
            return (datetime.now(UTC) - begun).total_seconds() > _ANSWER_AFTER_SECONDS  # noqa: TID251
    return False
