"""Airflow's REST interface, as far as a sync needs it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx2 as httpx

from jobs.errors import Refused, Unreachable
from jobs.retrying import retry_context
from jobs.settings import Settings


class Airflow:
    """A logged-in client."""

    def __init__(self, settings: Settings) -> None:
        """Logs in with the user of the settings.

        Raises:
            Unreachable: Airflow does not answer.
            Refused: It does not know the user.
        """
        self._client = httpx.Client(base_url=settings.airflow_url, timeout=30, trust_env=False)
        password = settings.airflow_password.get_secret_value()
        answer = self._send(
            "POST", "/auth/token", json={"username": settings.airflow_user, "password": password}
        )
        self._client.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def trigger(self, dag_id: str, conf: Mapping[str, Any]) -> str:
        """Starts a run of a DAG and gives its id, which is ours: asked again, Airflow starts no other."""
        run_id = f"lienthong__{uuid.uuid4()}"
        body = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)}
        self._send("POST", f"/api/v2/dags/{dag_id}/dagRuns", has_been_done=httpx.codes.CONFLICT, json=body)
        return run_id

    def runs(self, dag_id: str, since: datetime) -> list[dict[str, Any]]:
        """Runs of a DAG that were queued since an instant, the newest first."""
        params = {"run_after_gte": since.isoformat(), "order_by": "-run_after", "limit": "20"}
        found = self._send("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=params)["dag_runs"]
        return list(found)

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Task instances of a run."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return list(self._send("GET", path, params={"limit": "200"})["task_instances"])

    def waiting(self, dag_id: str) -> list[dict[str, Any]]:
        """Decisions of a DAG that wait for a person."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/~/hitlDetails"
        return list(self._send("GET", path, params={"response_received": "false"})["hitl_details"])

    def answer(self, waiting: Mapping[str, Any], option: str) -> None:
        """Answers a waiting decision."""
        task = waiting["task_instance"]
        path = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        body = {"chosen_options": [option], "params_input": {}}
        self._send("PATCH", f"{path}/{task['map_index']}/hitlDetails", json=body)

    def _send(
        self, method: str, path: str, *, has_been_done: int | None = None, **options: Any
    ) -> dict[str, Any]:
        """Asks, again if need be, and gives the answer; a status may say that an earlier try did it."""
        try:
            for attempt in retry_context(httpx.TransportError, attempts=4, timeout=30):
                with attempt:
                    answer = self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise Unreachable(
                f"Airflow does not answer ({type(error).__name__}).", "lienthong status tells what runs."
            ) from error
        if answer.status_code >= httpx.codes.BAD_REQUEST and answer.status_code != has_been_done:
            raise Refused(f"Airflow answers {answer.status_code} to {method} {path}.")
        return dict(answer.json())
