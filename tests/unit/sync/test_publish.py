"""An open release followed through Airflow's interface."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from jobs.settings import Settings
from jobs.sync.publish import DAG, publish

AT = datetime(2026, 12, 2, tzinfo=UTC)


class Runs:
    """Runs that were asked for, by their ids; the answer to the first is lost."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.unlisted = iter([[], [{"dag_run_id": "another", "state": "failed"}]])

    def start(self, request: Request) -> Response:
        self.asked.append(request.json["dag_run_id"])
        if len(self.asked) == 1:
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return Response("{}", status=409)

    def list(self, _: Request) -> Response:
        mine = [{"dag_run_id": self.asked[0], "state": "success"}]
        return Response(json.dumps({"dag_runs": next(self.unlisted, mine)}))


@pytest.fixture
def runs(httpserver: HTTPServer) -> Runs:
    runs, path = Runs(), f"/api/v2/dags/{DAG}/dagRuns"
    httpserver.expect_request("/auth/token").respond_with_json({"access_token": "t"})
    httpserver.expect_request(path, method="POST").respond_with_handler(runs.start)
    httpserver.expect_request(path, method="GET").respond_with_handler(runs.list)
    httpserver.expect_request(f"{path}/~/hitlDetails").respond_with_json({"hitl_details": []})
    return runs


def test_a_run_is_started_once_and_waited_for(runs: Runs, httpserver: HTTPServer, tmp_path: Path) -> None:
    """The answer to its start is lost, and it is not listed at once."""
    url = httpserver.url_for("/").rstrip("/")
    settings = Settings(home=tmp_path, airflow_url=url, airflow_password=SecretStr("p"))
    told = publish(settings, at=AT, option="Approve", patience=30)
    assert runs.asked == [told["run_id"]] * 2
    assert (told["run_id"], told["state"]) == (runs.asked[0], "success")
