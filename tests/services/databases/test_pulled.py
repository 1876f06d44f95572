"""A database as a source of the line: killed in the middle, gone on with, asked again; rows land once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from jobs import extract, objects, ops
from jobs.errors import Unreachable
from jobs.extract.missed import missed
from jobs.ops import cursors, submissions
from jobs.sources.delivery import Window
from schemas.zone import HANOI
from tests.services.databases.test_guests import COLUMNS, FILL
from tests.services.databases.test_reading import SELECT, table
from tests.support.line import Line, at_day
from tests.support.servers import READER, Running

FEED = "33-dossiers"
MANY = 5000


@pytest.fixture
def source(line: Line, server: Running, dialect: Callable[..., str]) -> Iterator[Line]:
    """The line with a province's database, never pulled before."""
    keys = {
        "kind": "database",
        "dialect": dialect(SELECT),
        "url": server.url(),
        "credentials": "PROVINCE",
        "page_size": 200,
    }
    line.source("33", {"dossiers": keys}, "33")
    secret = SecretStr(":".join(READER))
    line.settings = line.settings.model_copy(update={"credentials": {"PROVINCE": secret}})
    table(server, COLUMNS)
    server.run(FILL[server.kind].format(many=MANY))
    yield line
    with ops.engine(line.settings).begin() as connection:
        for name in ("submissions", "cursors", "sources", "events"):
            connection.execute(sa.text(f"truncate {name} cascade"))


def landed(line: Line) -> list[list[Any]]:
    """Ids of the rows of every sealed submission, in order."""
    store = objects.client(line.settings)
    found = []
    for one in submissions.listed(ops.engine(line.settings), "sealed"):
        entries = (one.manifest or {})["objects"]
        packed = [objects.get(store, line.settings.landing_bucket, entry["key"]) for entry in entries]
        rows = [json.loads(text) for data in packed for text in gzip.decompress(data).splitlines()]
        assert sum(entry["rows"] for entry in entries) == len(rows)
        found.append([row["ma"] for row in rows])
    return found


def test_a_server_that_is_killed_in_a_pull(source: Line, server: Running) -> None:
    killed: list[int] = []

    def kill_after_the_third(state: dict[str, Any]) -> None:
        if len(state["objects"]) == 3 and not killed:
            killed.append(3)
            server.kill()

    try:
        with pytest.raises(Unreachable, match="the database does not answer"):
            extract.pull(source.settings, feed_id=FEED, at=at_day(1), progress=kill_after_the_third)
    finally:
        server.start()
    engine = ops.engine(source.settings)
    assert cursors.get(engine, FEED) is None
    server.run(f"update ho_so set sua = '2026-11-02 09:00:00' where ma in (7, {MANY})")
    receipt = source.pull(FEED, at_day(1))
    (rows,) = landed(source)
    assert rows == [*range(1, MANY), 7, MANY]
    assert receipt["rows"] == len(rows)
    # Of one instant, the id that is last as a text: a pull begins at the instant and not at the id.
    assert cursors.get(engine, FEED) == (datetime(2026, 11, 2, 2, tzinfo=UTC), "7")


def test_what_is_written_after_a_pull_comes_with_the_next(source: Line, server: Running) -> None:
    source.pull(FEED, at_day(1))
    server.run(
        f"insert into ho_so values ({MANY + 1}, '2026-11-02 10:00:00', 'new')",
        "update ho_so set sua = '2026-11-02 11:00:00' where ma = 3",
        "delete from ho_so where ma = 4",
        "insert into ho_so values (6000, null, 'undated')",
    )
    told = missed(source.settings, feed_id=FEED)
    assert (told["keys"], told["landed"], told["gone"]) == (MANY + 1, MANY, 1)
    assert told["missed"] == [str(MANY + 1), "6000"]
    source.pull(FEED, at_day(2))
    assert landed(source)[1][0] == 6000
    assert landed(source)[1][-2:] == [MANY + 1, 3]
    assert missed(source.settings, feed_id=FEED)["missed"] == []


def test_a_window_is_pulled_again(source: Line) -> None:
    source.pull(FEED, at_day(1))
    begin = datetime(2026, 11, 1, 0, 1, tzinfo=HANOI)
    window = Window(begin, begin + timedelta(seconds=9))
    extract.pull(source.settings, feed_id=FEED, at=at_day(1), again=window)
    assert landed(source)[1] == [*range(60, 70)]
