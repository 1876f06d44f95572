"""The sandbox's tables: one row for each dossier, as of the evening; its reader reads, and nothing else."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from infra.sandbox.home import State, configure
from infra.sandbox.systems import SYSTEMS, TABLES
from infra.sandbox.tables import SYSTEM, record
from tests.support.servers import PASSWORD, Running

PROVINCE = "33"
DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}


@pytest.fixture(scope="module")
def sandbox(server: Running, tmp_path_factory: pytest.TempPathFactory) -> State:
    """A sandbox whose tables are all on one server, on the evening of day 0."""
    folder = tmp_path_factory.mktemp("sandbox")
    configure(folder, seed="tables", scale=0.1, profile="filthy")
    database = "postgres" if server.kind == "postgresql" else ""
    url = f"{DRIVERS[server.kind]}://lienthong:{PASSWORD}@127.0.0.1:{server.port}/{database}"
    (folder / "databases.json").write_text(json.dumps(dict.fromkeys(("postgresql", "mysql"), url)))
    return State.load(folder)


def reader(server: Running, state: State, user: str = PROVINCE) -> sa.Engine:
    known = state.credentials[user]
    login = f"{known['id']}:{known['secret']}@127.0.0.1:{server.port}"
    return sa.create_engine(f"{DRIVERS[server.kind]}://{login}/{SYSTEM}_{PROVINCE}", poolclass=sa.NullPool)


def found(server: Running, state: State) -> dict[int, str]:
    """Change instant of every row by its key."""
    with reader(server, state).connect() as connection:
        rows = connection.execute(sa.select(record.c.PK_RECORD, record.c.C_LAST_MODIFIED)).all()
    return {number: str(changed) for number, changed in rows}


def wanted(state: State, day: int) -> dict[int, str]:
    """The newest version of every dossier on an evening, as the world has it."""
    evening = f"2026-11-{day + 1:02d}T23:30:00+07:00"
    query = "select body from items where province = ? and updated_at <= ? order by updated_at, id"
    with closing(sqlite3.connect(state.folder / "world.sqlite")) as database:
        told = [SYSTEMS[SYSTEM](json.loads(b)) for (b,) in database.execute(query, (PROVINCE, evening))]
    return {row["PK_RECORD"]: row["C_LAST_MODIFIED"] for row in told}


def test_a_row_is_a_dossier_and_is_changed_in_place(server: Running, sandbox: State) -> None:
    before: dict[int, str] = {}
    changed = 0
    for day in (0, 1, 2, 6):
        sandbox.advance(day)
        now = found(server, sandbox)
        assert now == wanted(sandbox, day)
        assert {*before} <= {*now}
        changed += sum(before[number] != now[number] for number in before)
        before = now
    assert changed > 0
    sandbox.advance(1)
    assert found(server, sandbox) == wanted(sandbox, 1)


def test_a_sandbox_that_starts_again_keeps_its_rows(server: Running, sandbox: State) -> None:
    before = found(server, sandbox)
    assert found(server, State.load(sandbox.folder)) == before


@pytest.mark.parametrize(
    "statement",
    [
        "delete from t_r3_record",
        'update t_r3_record set "C_RECORD_NO" = null',
        "insert into published values ('x', 'y')",
        "select * from published",
        "create table mine (a integer)",
    ],
)
def test_its_reader_only_reads(server: Running, sandbox: State, statement: str) -> None:
    with reader(server, sandbox).connect() as connection:
        if server.kind == "mysql":
            connection.exec_driver_sql("set session sql_mode = 'ANSI_QUOTES'")
        with pytest.raises(DBAPIError, match="denied"):
            connection.exec_driver_sql(statement)


def test_its_reader_does_not_read_another_provinces(server: Running, sandbox: State) -> None:
    other: Any = next(province for province in TABLES if province != PROVINCE)
    with pytest.raises(DBAPIError, match="denied"), reader(server, sandbox, other).connect() as connection:
        connection.execute(sa.select(record.c.PK_RECORD))


def test_without_servers_there_are_no_tables(tmp_path: Path) -> None:
    configure(tmp_path, seed="tables", scale=0.001)
    assert State.load(tmp_path).day == 0
