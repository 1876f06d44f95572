"""What is asked of a source's database."""

from __future__ import annotations

import ssl
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import psycopg
import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.exc import OperationalError

from jobs.errors import Refused, Unreachable
from jobs.sources.database import faults
from jobs.sources.database.connect import is_secured
from jobs.sources.database.keyset import SECTIONS, Place, Query
from jobs.sources.delivery import Window
from jobs.sources.model import Feed
from schemas.layout import Layout
from schemas.zone import HANOI

LAYOUT = Layout(identity="PK", changed='sửa "lúc"', clock="local")
SELECT = "select a as \"PK\", b::text, '12:30 :x' from t where c like '%'"
NINE = datetime(2026, 11, 2, 9, tzinfo=HANOI)


def query(server: Any) -> Query:
    return Query(SELECT, LAYOUT, server.identifier_preparer, server.name == "mysql")


def shown(clause: sa.TextClause, server: Any) -> tuple[str, dict[str, Any]]:
    compiled = clause.compile(dialect=server)
    return str(compiled), dict(compiled.params)


SERVERS = pytest.mark.parametrize(
    ("server", "quoted"),
    [(postgresql.dialect(paramstyle="pyformat"), '"sửa ""lúc"""'), (mysql.dialect(), '`sửa "lúc"`')],
)


@SERVERS
def test_identifiers_are_quoted_and_the_select_is_left_as_it_is(server: Any, quoted: str) -> None:
    for _, clause in query(server).parts(Window(NINE, NINE), None):
        text, params = shown(clause, server)
        assert SELECT.replace("%", "%%") in text
        assert f"order by q.{quoted}" in text or f"q.{quoted} is null" in text
        assert {*params} <= {"bound", "until"}
        assert "::VARCHAR" not in text


@SERVERS
def test_what_lies_in_no_window_is_asked_for_in_every_one(server: Any, quoted: str) -> None:
    parts = {name: shown(clause, server) for name, clause in query(server).parts(Window(NINE), None)}
    assert [*parts] == [*SECTIONS]
    assert f"q.{quoted} is null" in parts["undated"][0]
    assert parts["early"][1] == {"bound": "1800-01-01 00:00:00"}
    assert parts["dated"][1] == {"bound": "2026-11-02 09:00:00"}


@SERVERS
def test_a_resumed_pull_begins_in_the_section_where_it_stopped(server: Any, quoted: str) -> None:
    place = Place("early", "1000-01-01 00:00:00", "12.50", ("identity",))
    assert Place.of({"place": place.told()}) == place
    assert Place.of({}) is None
    parts = {name: shown(clause, server) for name, clause in query(server).parts(Window(), place)}
    assert [*parts] == ["early", "dated"]
    assert f"q.{quoted} >= " in parts["early"][0]
    assert parts["early"][1].keys() == {"bound", "changed", "identity"}
    assert parts["dated"][1].keys() == {"bound"}
    assert str(parts["early"][1]["identity"]) == "12.50"
    assert isinstance(parts["early"][1]["identity"], str) is (server.name == "postgresql")


@SERVERS
def test_a_fraction_of_a_second_is_not_cut_off_a_window(server: Any, quoted: str) -> None:
    until = NINE.replace(microsecond=300_000)
    parts = {name: shown(clause, server) for name, clause in query(server).parts(Window(NINE, until), None)}
    assert f"q.{quoted} <= " in parts["dated"][0]
    assert parts["dated"][1] == {"bound": "2026-11-02 09:00:00", "until": "2026-11-02 09:00:00.300000"}


def feed(**keys: Any) -> Feed:
    stated = {"feed_id": "33-dossiers", "province_code": "33", "province_name": "T", "kind": "database"}
    url = "postgresql://motcua.example/epar"
    return Feed.model_validate({**stated, "dialect": "epar", "url": url, "credentials": "X", **keys})


@pytest.mark.parametrize(
    ("url", "secured"),
    [
        ("postgresql://motcua.example/epar", True),
        ("mysql://10.0.0.7:3307/epar", True),
        ("mysql://10.0.0.7/epar?tls=off", False),
        ("mysql://127.0.0.1/epar", False),
        ("postgresql://localhost/epar", False),
        ("postgresql://[::1]/epar?tls=on", True),
    ],
)
def test_a_line_is_secured_unless_the_file_says_not(url: str, *, secured: bool) -> None:
    assert is_secured(feed(url=url)) is secured


CODES: list[tuple[Exception, type[Exception], str]] = [
    (pymysql.err.OperationalError(1045, "Access denied for 'Nguyễn'"), Refused, "does not let us in (1045)"),
    (pymysql.err.OperationalError(1142, "SELECT denied"), Refused, "grant select"),
    (pymysql.err.OperationalError(2013, "Lost connection"), Unreachable, "OperationalError 2013"),
    (pymysql.err.OperationalError(1205, "Lock wait"), Unreachable, "locked a table"),
    (pymysql.err.OperationalError(1969, "max_statement_time"), Unreachable, "index"),
    (psycopg.errors.InsufficientPrivilege("Nguyễn"), Refused, "grant select"),
    (psycopg.errors.UndefinedColumn("Nguyễn"), Refused, "epar.toml"),
    (psycopg.errors.CharacterNotInRepertoire("Nguyễn"), Refused, "character set"),
    (psycopg.errors.LockNotAvailable("Nguyễn"), Unreachable, "locked a table"),
    (psycopg.errors.QueryCanceled("Nguyễn"), Unreachable, "index"),
    (psycopg.errors.AdminShutdown("Nguyễn"), Unreachable, "57P01"),
    (psycopg.errors.TooManyConnections("Nguyễn"), Unreachable, "53300"),
    (psycopg.OperationalError("server closed the connection"), Unreachable, "does not answer"),
]


@pytest.mark.parametrize(
    ("cause", "kind", "told"), CODES, ids=lambda one: getattr(one, "__name__", repr(one))[:40]
)
def test_a_servers_fault_is_told_by_its_code_and_never_by_its_text(
    cause: Exception, kind: type[Exception], told: str
) -> None:
    fault = faults.of(feed(), OperationalError("select 1", {}, cause), None)
    assert isinstance(fault, kind)
    assert told in str(fault)
    assert "Nguyễn" not in str(fault)


def test_a_fault_of_tls_is_a_refusal() -> None:
    cause = ssl.SSLCertVerificationError("certificate verify failed")
    cause.verify_code = 10
    error = OperationalError("connect", {}, pymysql.err.OperationalError(2003, "Can't connect"))
    error.__cause__ = cause
    fault = faults.of(feed(), error, ssl.create_default_context())
    assert isinstance(fault, Refused)
    assert "has expired" in fault.message


def test_a_login_that_postgresql_ends_without_a_code_is_a_refusal() -> None:
    cause = psycopg.OperationalError("FATAL")
    cause._pgconn = SimpleNamespace(used_password=True)  # type: ignore[assignment]
    fault = faults.of(feed(), OperationalError("connect", {}, cause), None)
    assert isinstance(fault, Refused)
    assert "renew the credentials X" in (fault.remedy or "")
