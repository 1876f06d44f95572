"""A guest in a province's database: it sees one moment, stands in nobody's way, takes no for an answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jobs.errors import LienthongError, Refused, Unreachable
from jobs.sources.check import check
from jobs.sources.database import DatabaseSource, looks
from jobs.sources.delivery import Piece, Window
from jobs.sources.examination import Seen, carried_out
from schemas.zone import HANOI
from tests.services.databases.test_reading import SELECT, ids, table
from tests.support.province import AT
from tests.support.proxy import Proxy, Toxic
from tests.support.servers import (
    DATABASE,
    KINDS,
    PASSWORD,
    READER,
    Running,
    asked,
    known,
    last,
    running,
    until,
)

MANY = 2000
COLUMNS = "ma integer primary key, sua INSTANT, ten varchar(4000)"
FILL = {
    "postgresql": "insert into ho_so select n, timestamp '2026-11-01 00:00:00' + n * interval '1 second',"
    " repeat('x', 4000) from generate_series(1, {many}) n",
    "mysql": "insert into ho_so select seq, timestamp '2026-11-01 00:00:00' + interval seq second,"
    " repeat('x', 4000) from seq_1_to_{many}",
}
LATE = "2026-11-02 09:00:00"


def filled(server: Running, many: int = MANY) -> None:
    """A table that no cursor reads at once."""
    table(server, COLUMNS)
    server.run(FILL[server.kind].format(many=many))


@pytest.fixture
def source(server: Running, dialect: Callable[..., str]) -> DatabaseSource:
    filled(server)
    return DatabaseSource(server.feed(dialect(SELECT), page_size=100), known())


def rows_of(server: Running, statement: str) -> list[Any]:
    with server.server().connect() as connection:
        return list(connection.execute(sa.text(statement)))


def test_who_writes_meanwhile_is_not_held_up_and_comes_next_time(
    server: Running, source: DatabaseSource
) -> None:
    pieces = source.pieces(asked())
    landed = [next(pieces)]
    with server.owner().connect() as owner:
        if server.kind == "mysql":
            owner.exec_driver_sql("set session innodb_lock_wait_timeout = 1, lock_wait_timeout = 1")
        else:
            owner.exec_driver_sql("set lock_timeout = '1s'")
        owner.exec_driver_sql(f"update ho_so set sua = '{LATE}', ten = 'new' where ma in (50, {MANY})")
        owner.exec_driver_sql(f"insert into ho_so values ({MANY + 1}, '{LATE}', 'new')")
        owner.exec_driver_sql("delete from ho_so where ma = 1999")
    landed += pieces
    assert ids(landed) == list(range(1, MANY + 1))
    later = Window(datetime(2026, 11, 2, tzinfo=HANOI))
    assert ids(list(source.pieces(asked(later)))) == [50, MANY, MANY + 1]
    assert {key["ma"] for key in source.keys(None)} == {*range(1, MANY + 2)} - {1999}


LOCKS = {
    "postgresql": "select distinct l.mode from pg_locks l join pg_stat_activity a using (pid)"
    " where a.application_name = 'lienthong' and l.locktype in ('relation', 'tuple', 'transactionid')",
    "mysql": "select distinct lock_type from performance_schema.metadata_locks m"
    " join performance_schema.threads t on t.thread_id = m.owner_thread_id"
    " where t.processlist_user = 'lienthong_reader' and m.object_schema = 'motcua'",
}
LEAST = {"postgresql": {"AccessShareLock"}, "mysql": {"SHARED_READ"}}
"""What every reader holds: it stands in the way of nothing but a change of the table itself."""


def test_no_table_is_locked(server: Running, source: DatabaseSource) -> None:
    pieces = source.pieces(asked())
    next(pieces)
    assert {row[0] for row in rows_of(server, LOCKS[server.kind])} == LEAST[server.kind]
    if server.kind == "mysql":
        query = (
            "select trx_rows_locked, trx_tables_locked, trx_is_read_only, trx_isolation_level"
            " from information_schema.innodb_trx"
        )
        assert rows_of(server, query) == [(0, 0, 1, "REPEATABLE READ")]
    list(pieces)
    until(lambda: rows_of(server, LOCKS[server.kind]) == [])


def test_nothing_can_be_written(server: Running, source: DatabaseSource) -> None:
    """Not even with the right to: the session forbids it."""
    at = "" if server.kind == "postgresql" else "@'127.0.0.1'"
    server.run(f"grant insert, update, delete on ho_so to {READER[0]}{at}")
    with pytest.raises(LienthongError), source.server.snapshot() as connection:
        connection.execute(sa.text("delete from ho_so"))
    assert rows_of(server, "select 1") == [(1,)]
    assert len(list(source.keys(None))) == MANY


SESSIONS = {
    "postgresql": "select 1 from pg_stat_activity where application_name = 'lienthong'",
    "mysql": "select 1 from information_schema.processlist where user = 'lienthong_reader'",
}


def test_who_leaves_early_leaves_at_once(server: Running, source: DatabaseSource) -> None:
    def landing() -> None:
        with closing(source.pieces(asked())) as pieces:
            for piece in pieces:
                assert rows_of(server, SESSIONS[server.kind]) != []
                raise LookupError(piece.name)

    with pytest.raises(LookupError) as fault:
        landing()
    until(lambda: rows_of(server, SESSIONS[server.kind]) == [])
    assert fault.value, "which knows every frame, and with them whatever is not closed"


def test_the_owners_lock_is_not_waited_for(server: Running, source: DatabaseSource) -> None:
    with server.owner().connect() as owner:
        if server.kind == "mysql":
            owner.exec_driver_sql("lock tables ho_so write")
        else:
            owner.exec_driver_sql("begin")
            owner.exec_driver_sql("lock table ho_so in access exclusive mode")
        with pytest.raises(Unreachable, match="locked a table"):
            list(source.pieces(asked()))
        owner.exec_driver_sql("unlock tables" if server.kind == "mysql" else "rollback")
    assert len(ids(list(source.pieces(asked())))) == MANY


@pytest.fixture(params=KINDS)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    """A server of the test alone."""
    with running(request.param, tmp_path / "mortal") as one:
        yield one


def _killed_after(server: Running, pieces: Iterator[Piece], landed: list[Piece], number: int) -> None:
    """Lands pieces while the server lives, which is until a number of them."""
    for piece in pieces:
        landed.append(piece)
        if len(landed) == number:
            server.kill()


def test_a_server_that_is_killed_is_gone_on_with(mortal: Running, dialect: Callable[..., str]) -> None:
    many = 3 * MANY
    filled(mortal, many)
    source = DatabaseSource(mortal.feed(dialect(SELECT), page_size=100), known())
    landed: list[Piece] = []
    with pytest.raises(Unreachable, match="the database does not answer"):
        _killed_after(mortal, source.pieces(asked()), landed, 3)
    assert 3 <= len(landed) < many / 100
    with pytest.raises(Unreachable, match="the database does not answer"):
        next(iter(source.pieces(asked(**last(landed)))))
    mortal.start()
    mortal.run(f"update ho_so set sua = '{LATE}' where ma in (1, {many})")
    landed += source.pieces(asked(**last(landed)))
    found = ids(landed)
    assert found == [*range(1, many), 1, many]


@pytest.mark.parametrize("kind", ["cut", "truncate", "drop", "refuse"])
def test_a_line_that_breaks_is_gone_on_with(server: Running, dialect: Callable[..., str], kind: Any) -> None:
    filled(server)
    name = dialect(SELECT)
    proxy = Proxy(("127.0.0.1", server.port), Toxic(kind, b"order by q", first=3, after=30_000))
    try:
        source = DatabaseSource(server.feed(name, url=server.url(proxy.port), page_size=100), known())
        landed = []
        with pytest.raises(Unreachable):
            landed += list(source.pieces(asked()))
        assert proxy.fired == 1
        landed += source.pieces(asked(**(last(landed) if landed else {})))
    finally:
        proxy.close()
    assert ids(landed) == list(range(1, MANY + 1))


def test_who_may_not_is_told_what_to_ask_for(
    server: Running, dialect: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    filled(server, 3)
    name = dialect(SELECT)
    cases: list[tuple[Any, dict[str, str], str]] = [
        (server.feed(name), {"LIENTHONG_CREDENTIAL_PROVINCE": f"{READER[0]}:wrong"}, "does not let us in"),
        (server.feed(name), {"LIENTHONG_CREDENTIAL_PROVINCE": f"nobody:{PASSWORD}"}, "does not let us in"),
        (server.feed(name, url=server.url().replace(DATABASE, "nowhere")), {}, "does not let us in"),
        (server.feed(name, url=f"{server.url()}?tls=on"), {}, "has no TLS"),
    ]
    for feed, more, told in cases:
        with pytest.raises(Refused, match=told) as fault:
            list(DatabaseSource(feed, known(**more)).pieces(asked()))
        assert fault.value.remedy
        steps = check(known(**more), feed, at=AT)
        assert [step["step"] for step in steps][-1] == "login"
        assert steps[-1]["told"] == fault.value.message
        assert PASSWORD not in str(fault.value)
        assert READER[1] not in str(fault.value)
    server.run(
        "revoke select on ho_so from lienthong_reader" + ("@'127.0.0.1'" if server.kind == "mysql" else "")
    )
    steps = check(known(), server.feed(name), at=AT)
    assert [step["step"] for step in steps][-2:] == ["clock", "select"]
    assert "grant select" in steps[-1]["remedy"]
    assert not [text for text in (PASSWORD, READER[1], "xxxx") if text in caplog.text]


def test_a_healthy_database_is_told_in_numbers(server: Running, dialect: Callable[..., str]) -> None:
    table(server, COLUMNS, f"(1, '{LATE}', 'An')", "(2, null, 'Bình')")
    steps = check(known(), server.feed(dialect(SELECT)), at=AT)
    assert [step["ok"] for step in steps] == [True] * 11, steps
    told = {step["step"]: step["told"] for step in steps}
    assert told["rows"].startswith("2 rows, the newest change 2026-11-02 09:00:00; 1 without")
    assert told["schema"] == "2 of 3 mapped columns; absent: nguoi"
    assert told["records"] == "2 to look at"
    assert told["dialect"].startswith("100% of the fields that invented.toml reads are in 2 records")
    assert "without TLS, read-only" in told["login"]


def test_a_table_without_snapshots_is_named(server: Running, dialect: Callable[..., str]) -> None:
    if server.kind == "postgresql":
        pytest.skip("every table of PostgreSQL has snapshots")
    server.run(
        "drop table if exists ho_so", "create table ho_so (ma int, sua datetime, ten text) engine MyISAM"
    )
    server.grant("ho_so")
    last_step = check(known(), server.feed(dialect(SELECT)), at=AT)[-1]
    assert (last_step["step"], last_step["ok"]) == ("select", False)
    assert "ho_so is kept by MyISAM" in last_step["told"]
    assert last_step["remedy"] == "ask the province for InnoDB, or for a copy in it."


@pytest.mark.parametrize(("seconds", "is_well"), [(0, True), (-301, False), (302, False)])
def test_a_clock_that_is_wrong_is_doubted_and_ends_nothing(
    server: Running, dialect: Callable[..., str], seconds: int, *, is_well: bool
) -> None:
    table(server, COLUMNS, f"(1, '{LATE}', 'An')")
    feed, seen = server.feed(dialect(SELECT)), Seen()
    found = carried_out(looks(known(), feed, AT, seen, clock=lambda: time.time() + seconds), seen)
    (clock,) = [step for step in found.steps if step.step == "clock"]
    assert (clock.ok, clock.is_vital and not clock.ok) == (is_well, False)
    assert is_well or "set its clock" in (clock.remedy or "")
    assert found.is_well
    assert [*seen.records] == [{"ma": 1, "sua": LATE, "ten": "An"}]
    assert seen.newest == datetime.fromisoformat(LATE).replace(tzinfo=HANOI)


def test_of_a_database_that_was_read_before_new_rows_are_looked_at(
    server: Running, dialect: Callable[..., str]
) -> None:
    filled(server)
    seen = Seen(since=datetime(2026, 11, 1, 1, 30, tzinfo=HANOI))
    found = carried_out(looks(known(), server.feed(dialect(SELECT)), AT, seen), seen)
    assert found.is_well
    assert [one["ma"] for one in seen.records][:3] == [1800, 1801, 1802]


def test_without_a_column_of_changes_the_remedy_is_the_select(
    server: Running, dialect: Callable[..., str]
) -> None:
    table(server, COLUMNS, f"(1, '{LATE}', 'An')")
    last_step = check(known(), server.feed(dialect("select ma, ten from ho_so")), at=AT)[-1]
    assert (last_step["step"], last_step["is_vital"]) == ("schema", True)
    assert "the select gives no column sua" in last_step["told"]
    assert "[table] of invented.toml" in last_step["remedy"]
