"""Runs of ingest in Airflow: one instant for a run, a backfill's windows, faults without their text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from airflow.dag_processing.dagbag import DagBag
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from jobs import extract, ops
from jobs.ops import cursors, runs, submissions
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from jobs.sources.delivery import Window
from tests.support import airflow
from tests.support.line import Line

DAGS = Path(__file__).resolve().parents[2] / "dags"
NAME = "Nguyễn Văn An"
DAY = timedelta(days=1)
TODAY = datetime.now(UTC).replace(hour=16, minute=30, second=0, microsecond=0) - DAY
"""The last evening of the timetable, 23:30 in Viet Nam, that is surely over."""


@dataclass
class Province:
    """A one-stop system with one item half a day before each of ten evenings, one a page."""

    line: Line
    server: HTTPServer
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.clear()
        self.server.expect_request("/oauth/token").respond_with_json({"access_token": "t"})
        self.server.expect_request("/api/v1/dossiers").respond_with_handler(self.page)

    def page(self, request: Request) -> Response:
        """One item; the cursor is the change instant of the item before."""
        self.asked.append(dict(request.args))
        after = request.args.get("cursor") or request.args.get("updated_since") or "2000-01-01T00:00:00Z"
        after = after.replace(" ", "+")
        every = [TODAY - number * DAY - DAY / 2 for number in range(9, -1, -1)]
        left = [one for one in every if one > datetime.fromisoformat(after)]
        items = [{"id": str(one.date()), "updated_at": one.isoformat()} for one in left[:1]]
        following = left[0].isoformat() if len(left) > 1 else None
        return Response(json.dumps({"data": items, "next_cursor": following}), mimetype="application/json")

    def joins(self, stem: str) -> str:
        """Writes the source's file; its feed."""
        url = self.server.url_for("/").rstrip("/")
        feed = {"kind": "rest", "dialect": "dvcqg", "url": url, "credentials": "TEST"}
        self.line.source(stem, {"dossiers": feed})
        return f"{stem}-dossiers"


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return airflow.prepare(DAGS)


@pytest.fixture
def own(line: Line, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The line with no source, as the tasks' environment names it: no sandbox, the machine's calendar."""
    monkeypatch.setenv("LIENTHONG_HOME", str(line.settings.home))
    monkeypatch.setenv("LIENTHONG_SOURCE_PATHS", str(line.folder))
    monkeypatch.setenv("LIENTHONG_SANDBOX_URL", "")
    monkeypatch.setenv("LIENTHONG_CREDENTIAL_TEST", "id:secret")
    yield line
    for file in line.folder.glob("*.toml"):
        file.unlink()


def _with_secret(line: Line) -> Settings:
    return line.settings.model_copy(update={"credentials": {"TEST": SecretStr("id:secret")}})


def sealed(line: Line, feed: str) -> list[Submission]:
    """Sealed submissions of a feed."""
    every = submissions.listed(ops.engine(line.settings), "sealed")
    return [one for one in every if one.feed_id == feed]


def dossiers(one: Submission) -> int:
    return sum(entry["rows"] for entry in (one.manifest or {})["objects"])


def told(line: Line, number: int) -> tuple[DagRun, dict[str, Any]]:
    """A run, and what ops has of its stage."""
    with create_session() as session:
        run = session.get_one(DagRun, number)
        state, body = runs.stages(ops.engine(line.settings), run.run_id)["ingest"]
    assert state == "done"
    return run, dict(body)


@contextmanager
def refusing(engine: sa.Engine, table: str, words: str) -> Iterator[None]:
    """A table that takes no row and says so in these words."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"create function refuse() returns trigger language plpgsql as "
            f"$$ begin raise exception '{words}'; end $$"
        )
        connection.exec_driver_sql(
            f"create trigger refuse before insert on {table} execute function refuse()"
        )
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql("drop function refuse cascade")


def test_a_scheduled_run_has_one_instant(own: Line, bag: DagBag, httpserver: HTTPServer) -> None:
    """What was pulled is counted, who failed is late: the clock goes on between the tasks."""
    good = Province(own, httpserver).joins("31")
    folder = {
        "kind": "directory",
        "dialect": "dvcqg",
        "url": str(own.folder / "none"),
        "patterns": {"*": "dossiers"},
    }
    own.source("32", {"dossiers": folder}, "33")
    number = airflow.scheduled(bag.dags["ingest"], TODAY)
    states = airflow.carry_out(bag.dags["ingest"], number)
    assert states == {"due": "success", "pull[0]": "success", "pull[1]": "failed", "landed": "success"}
    run, body = told(own, number)
    assert (body["feeds"], body["submissions"], body["rows"]) == (2, 1, 10)
    (late,) = body["late"]
    assert late["source"] == "32-dossiers"
    assert "does not exist" in late["reason"]
    (one,) = sealed(own, good)
    assert one.opened_at == run.start_date
    assert run.start_date < one.received_at < datetime.now(UTC)


def test_a_backfill_pulls_each_days_window_and_receives_it_now(
    own: Line, bag: DagBag, httpserver: HTTPServer
) -> None:
    province = Province(own, httpserver)
    feed = province.joins("33")
    extract.pull(_with_secret(own), feed_id=feed, at=TODAY)
    read_to = cursors.get(ops.engine(own.settings), feed)
    province.asked.clear()
    numbers = airflow.backfilled(bag.dags["ingest"], TODAY - 4 * DAY, TODAY - 3 * DAY)
    assert len(numbers) == 2
    for number in numbers:
        airflow.carry_out(bag.dags["ingest"], number)
        run, body = told(own, number)
        assert body["late"] == []
        assert sealed(own, feed)[-1].received_at > run.start_date
    began = [page["updated_since"] for page in province.asked if "updated_since" in page]
    assert [datetime.fromisoformat(text.replace(" ", "+")) for text in began] == [
        TODAY - 5 * DAY,
        TODAY - 4 * DAY,
    ]
    assert [dossiers(one) for one in sealed(own, feed)] == [10, 2, 2]
    assert cursors.get(ops.engine(own.settings), feed) == read_to


def test_a_day_that_ran_is_backfilled_when_all_runs_are_asked_for(
    own: Line, bag: DagBag, httpserver: HTTPServer
) -> None:
    feed = Province(own, httpserver).joins("34")
    day = TODAY - 6 * DAY
    airflow.carry_out(bag.dags["ingest"], airflow.scheduled(bag.dags["ingest"], day))
    (number,) = airflow.backfilled(bag.dags["ingest"], day, day, anew=True)
    airflow.carry_out(bag.dags["ingest"], number)
    assert [dossiers(one) for one in sealed(own, feed)] == [10, 2]


def test_a_foreign_fault_is_tried_again_and_not_quoted(
    own: Line, bag: DagBag, httpserver: HTTPServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL refuses a row, and quotes it."""
    Province(own, httpserver).joins("35")
    number = airflow.scheduled(bag.dags["ingest"], TODAY - 8 * DAY)
    with refusing(ops.engine(own.settings), "submissions", f"the row of {NAME}"):
        states = airflow.carry_out(bag.dags["ingest"], number)
    assert states["pull[0]"] == "failed"
    assert [late["source"] for late in told(own, number)[1]["late"]] == ["35-dossiers"]
    shown = capfd.readouterr()
    assert "StageFailed" in shown.out + shown.err
    assert NAME not in shown.out + shown.err
    with create_session() as session:
        run = session.get_one(DagRun, number)
        mine = select(TaskInstance.try_number).where(
            TaskInstance.run_id == run.run_id, TaskInstance.task_id == "pull"
        )
        assert session.scalar(mine) == 2


def test_a_pattern_without_a_feed_fails_the_run_and_says_why(own: Line, bag: DagBag) -> None:
    number = airflow.scheduled(bag.dags["ingest"], TODAY - 9 * DAY, conf={"sources": ["99-*"]})
    states = airflow.carry_out(bag.dags["ingest"], number)
    assert states == {"due": "failed", "pull": "upstream_failed", "landed": "failed"}
    with create_session() as session:
        run_id = session.get_one(DagRun, number).run_id
    state, body = runs.stages(ops.engine(own.settings), run_id)["ingest"]
    assert state == "failed"
    assert "99-*" in body["error"]


def test_the_cursor_does_not_jump_over_what_was_never_read(own: Line, httpserver: HTTPServer) -> None:
    feed, settings = Province(own, httpserver).joins("36"), _with_secret(own)
    extract.pull(settings, feed_id=feed, at=TODAY, again=Window(TODAY - 3 * DAY, TODAY))
    extract.pull(settings, feed_id=feed, at=TODAY)
    assert [dossiers(one) for one in sealed(own, feed)] == [3, 10]


class Killed(BaseException):
    """The process is gone."""


def test_an_open_pull_keeps_its_window_and_the_asked_one_follows(own: Line, httpserver: HTTPServer) -> None:
    feed, settings = Province(own, httpserver).joins("37"), _with_secret(own)

    def killed(_: Any) -> None:
        raise Killed

    with pytest.raises(Killed):
        extract.pull(settings, feed_id=feed, at=TODAY, progress=killed)
    extract.pull(settings, feed_id=feed, at=TODAY, again=Window(TODAY - 5 * DAY, TODAY - 4 * DAY))
    assert [dossiers(one) for one in sealed(own, feed)] == [10, 2]
