"""An open release followed through Airflow's interface."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Response

from jobs.settings import Settings
from jobs.sync.publish import DAG, publish

AT = datetime(2026, 12, 2, tzinfo=UTC)


@pytest.fixture
def settings(httpserver: HTTPServer, tmp_path: Path) -> Settings:
    httpserver.expect_request("/auth/token").respond_with_json({"access_token": "t"})
    started = httpserver.expect_request(f"/api/v2/dags/{DAG}/dagRuns", method="POST")
    started.respond_with_json({"dag_run_id": "mine"})
    waiting = httpserver.expect_request(f"/api/v2/dags/{DAG}/dagRuns/~/hitlDetails")
    waiting.respond_with_json({"hitl_details": []})
    url = httpserver.url_for("/").rstrip("/")
    return Settings(home=tmp_path, airflow_url=url, airflow_password=SecretStr("p"))


def test_a_run_that_is_not_listed_yet_is_waited_for(settings: Settings, httpserver: HTTPServer) -> None:
    others, mine = {"dag_run_id": "another", "state": "failed"}, {"dag_run_id": "mine", "state": "success"}
    listed = iter([[], [others], [mine, others]])
    listing = httpserver.expect_request(f"/api/v2/dags/{DAG}/dagRuns", method="GET")
    listing.respond_with_handler(lambda _: Response(json.dumps({"dag_runs": next(listed)})))
    told = publish(settings, at=AT, option="Approve", patience=30)
    assert (told["run_id"], told["state"]) == ("mine", "success")
