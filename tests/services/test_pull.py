"""Pulls of a feed: one at a time, sealed as far as they came, and who is late is noted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from jobs import extract, ops
from jobs.errors import Refused, UsageFault
from jobs.findings import replay
from jobs.ops import batches, cursors, locks, sources, submissions
from jobs.registry import databases
from jobs.settings import Settings
from tests.support.databases import scratch
from tests.support.line import Line, at_day
from tests.support.province import FEED, keys, page, serve

AT = at_day(1)
WAITING = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
_MINE = (
    "from pg_locks where locktype = 'advisory' and granted and objsubid = 1"
    " and database = (select oid from pg_database where datname = current_database())"
)
HOLDING, CUT_OFF = f"select count(*) {_MINE}", f"select pg_terminate_backend(pid) {_MINE}"


def item(number: int, changed: str) -> dict[str, Any]:
    return {"id": number, "updated_at": changed, "MaHoSo": f"H26.01.02-261102-{number:04d}"}


@pytest.fixture
def source(line: Line, httpserver: HTTPServer) -> Iterator[Line]:
    """The line with one province behind HTTP, never pulled before."""
    line.source("01", {"dossiers": keys(httpserver)})
    line.settings = line.settings.model_copy(update={"credentials": {"PROVINCE": SecretStr("me:secret")}})
    yield line
    with ops.engine(line.settings).begin() as connection:
        for table in ("submissions", "cursors", "sources", "events"):
            connection.execute(sa.text(f"truncate {table} cascade"))


@pytest.fixture(scope="module")
def migrated(settings: Settings) -> Iterator[sa.Engine]:
    with scratch(settings, "ops_alone") as engine:
        databases.migrate_ops(engine)
        yield engine


def until(engine: sa.Engine, query: str, holds: Callable[[Any], bool]) -> None:
    """Waits for PostgreSQL to say so."""
    end = time.monotonic() + 30
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not holds(connection.scalar(sa.text(query))):
            assert time.monotonic() < end, query


def test_two_pulls_at_one_time_are_two_submissions(source: Line, httpserver: HTTPServer) -> None:
    asked, go_on = Event(), Event()

    def hold_the_first(_: object) -> None:
        if not asked.is_set():
            asked.set()
            assert go_on.wait(30)

    serve(httpserver, [page(item(1, "2026-11-02T09:00:00+07:00"))], before=hold_the_first)
    engine = ops.engine(source.settings)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(source.pull, FEED, AT)
        assert asked.wait(30)
        second = pool.submit(source.pull, FEED, AT + timedelta(seconds=1))
        try:
            until(engine, WAITING, lambda found: found == 1)
        finally:
            go_on.set()
        told = [first.result(), second.result()]
    assert [one["submission_id"] for one in told] == [f"{FEED}.00000001", f"{FEED}.00000002"]
    assert [one.state for one in submissions.listed(engine)] == ["sealed", "sealed"]


def test_a_delivery_that_breaks_off_is_sealed_and_late(source: Line, httpserver: HTTPServer) -> None:
    pages = [page(item(1, "2026-11-02T09:00:00+07:00"), following="1"), b'{"data": [{']
    serve(httpserver, pages)
    engine = ops.engine(source.settings)
    with pytest.raises(Refused, match=r"page 2 is unreadable after 3 tries; .* kept \(sealed\)"):
        source.pull(FEED, AT)
    (sealed,) = submissions.listed(engine, "sealed")
    assert [entry["rows"] for entry in (sealed.manifest or {})["objects"]] == [1, 1]
    assert cursors.get(engine, FEED) == (datetime(2026, 11, 2, 2, tzinfo=UTC), "1")
    state = sources.known(engine)[FEED]
    assert state["last_success_at"] is None
    assert "page 2 is unreadable after 3 tries" in state["last_error"]
    (late,) = extract.landed(source.settings, feeds=[FEED], pulled={}, at=AT)["late"]
    assert "page 2 is unreadable" in late["reason"]
    pages[1] = page(item(2, "2026-11-02T10:00:00+07:00"))
    assert source.pull(FEED, at_day(2))["rows"] == 2
    assert sources.known(engine)[FEED]["last_error"] is None


def test_a_delivery_that_breaks_off_after_an_item_of_the_future_is_read_again(
    source: Line, httpserver: HTTPServer
) -> None:
    serve(httpserver, [page(item(1, "2150-01-01T00:00:00+07:00"), following="1"), b"{"])
    with pytest.raises(Refused, match="page 2"):
        source.pull(FEED, AT)
    assert cursors.get(ops.engine(source.settings), FEED) is None


def test_the_newest_item_is_the_latest_whatever_its_offset(source: Line, httpserver: HTTPServer) -> None:
    one, two = item(1, "2026-11-02T09:30:00+00:00"), item(2, "2026-11-02T10:00:00+07:00")
    naive = item(3, "2026-11-02T11:00:00")
    serve(httpserver, [page(one, following="1"), page(two, naive)])
    newest = (datetime(2026, 11, 2, 9, 30, tzinfo=UTC), "1")
    for day in (1, 2):
        source.pull(FEED, at_day(day))
        assert cursors.get(ops.engine(source.settings), FEED) == newest


def test_a_lock_is_waited_for_and_ends_with_its_connection(migrated: sa.Engine) -> None:
    def held() -> str:
        with locks.held(migrated, "pull x"):
            return "held"

    with ThreadPoolExecutor(1) as pool, locks.held(migrated, "pull x"):
        with locks.held(migrated, "pull y"):
            until(migrated, HOLDING, lambda found: found == 2)
        other = pool.submit(held)
        until(migrated, WAITING, lambda found: found == 1)
        assert not other.done()
        with migrated.connect() as connection:
            connection.execute(sa.text(CUT_OFF))
        assert other.result(30) == "held"
    until(migrated, HOLDING, lambda found: found == 0)


def test_a_submission_that_was_sealed_is_neither_emptied_nor_changed(migrated: sa.Engine) -> None:
    mine = submissions.begin(migrated, feed_id="a", province_code="01", at=AT)
    submissions.seal(migrated, mine, manifest={"objects": []}, cursor=None, at=AT)
    late: list[Callable[[], None]] = [
        lambda: submissions.discard(migrated, mine, AT),
        lambda: submissions.note_progress(migrated, mine.submission_id, {"objects": [1]}),
        lambda: submissions.seal(migrated, mine, manifest={"objects": [1]}, cursor=(AT, "1"), at=AT),
    ]
    for act in late:
        with pytest.raises(Refused, match=f"{mine.submission_id} is no longer being pulled"):
            act()
    found = submissions.get(migrated, mine.submission_id)
    assert found is not None
    assert (found.state, found.manifest, found.progress) == ("sealed", {"objects": []}, {})
    assert cursors.get(migrated, "a") is None


def test_a_run_of_an_earlier_day_takes_no_success_back(migrated: sa.Engine) -> None:
    for at, error in ((at_day(3), None), (at_day(1), None), (at_day(4), "no answer")):
        sources.note(migrated, "b", at=at, error=error)
    state = sources.known(migrated)["b"]
    assert (state["last_success_at"], state["last_attempt_at"]) == (at_day(3), at_day(4))
    sources.note(migrated, "b", at=at_day(5), error=None)
    assert sources.known(migrated)["b"]["last_success_at"] == at_day(5)


def test_a_submission_whose_dialect_is_gone_waits_and_holds_up_no_other(
    source: Line, httpserver: HTTPServer
) -> None:
    serve(httpserver, [page(item(1, "2026-11-02T09:00:00+07:00"))])
    name = source.pull(FEED, AT)["submission_id"]
    with ops.engine(source.settings).begin() as connection:
        connection.execute(
            sa.text("update submissions set manifest = jsonb_set(manifest, '{dialect}', '\"gone\"')")
        )
    told = source.conform(AT)
    assert told["batch_id"] is None
    assert [one["source"] for one in told["left_out"]] == [name]
    assert "schemas/dialects/gone.toml" in told["left_out"][0]["reason"]
    with pytest.raises(UsageFault, match="its dialect gone is gone"):
        source.conform(AT, [name])


def test_a_submission_that_is_not_sealed_cannot_be_named_and_plans_nothing(
    source: Line, httpserver: HTTPServer
) -> None:
    engine = ops.engine(source.settings)
    serve(httpserver, [page()])
    source.pull(FEED, AT)
    (empty,) = [one.submission_id for one in submissions.listed(engine, "empty")]
    pulling = submissions.begin(engine, feed_id=FEED, province_code="01", at=AT).submission_id
    refused = {
        empty: f"{empty} is empty, not sealed",
        pulling: f"{pulling} is pulling, not sealed",
        "01-dossiers.00000099": "There is no submission 01-dossiers.00000099",
    }
    for name, said in refused.items():
        with pytest.raises(UsageFault, match=said):
            source.conform(AT, [name])
        with pytest.raises(UsageFault, match=said):
            replay.replay(source.settings, at=AT, submission_ids=[name])
    assert batches.planned(engine, kind="conform", register=None) is None
    assert source.conform(AT)["batch_id"] is None
