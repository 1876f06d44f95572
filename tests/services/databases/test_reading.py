"""Rows of a database in pages: in order, each once, none lost, as the server writes them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.errors import Refused
from jobs.landing.rows import rows_of
from jobs.sources.database import DatabaseSource
from jobs.sources.delivery import Piece, Window
from schemas import dialect as dialects
from schemas.zone import HANOI
from tests.support.servers import Running, asked, known, last

SELECT = 'select "ma", "sua", "ten" from ho_so'
AT = "2026-11-02 09:00:00"


def rows(pieces: Sequence[Piece]) -> list[dict[str, Any]]:
    return [json.loads(line) for piece in pieces for line in gzip.decompress(piece.data).splitlines()]


def ids(pieces: Sequence[Piece]) -> list[Any]:
    return [row.get("ma") for row in rows(pieces)]


def table(server: Running, columns: str, *values: str) -> None:
    """The table anew, with these rows."""
    columns = columns.replace("INSTANT", "datetime" if server.kind == "mysql" else "timestamp")
    server.run("drop table if exists ho_so", f"create table ho_so ({columns})")
    for one in values:
        server.run(f"insert into ho_so values {one}")
    server.grant("ho_so")


def every_page_anew(source: DatabaseSource) -> Iterator[Piece]:
    """A delivery whose pull is killed after every page."""
    resume: dict[str, Any] = {}
    while (piece := next(iter(source.pieces(asked(**resume))), None)) is not None:
        yield piece
        resume = last([piece])


COLUMNS = "ma bigint primary key, sua INSTANT null, ten varchar(20)"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_numbers_are_in_their_order_and_each_comes_once_whenever_it_is_killed(
    server: Running, dialect: Callable[..., str], size: int
) -> None:
    big = [9007199254740992, 9007199254740993, 9007199254740994]
    numbers = [9, 10, 100, *big]
    table(server, COLUMNS, *(f"({number}, '{AT}', 'x')" for number in reversed(numbers)))
    server.run("insert into ho_so values (5, '2026-11-02 09:00:01', 'x')")
    source = DatabaseSource(server.feed(dialect(SELECT), page_size=size), known())
    whole = list(source.pieces(asked()))
    assert ids(whole) == [*numbers, 5]
    assert [piece.rows for piece in whole] == [len(rows([piece])) for piece in whole]
    anew = list(every_page_anew(source))
    assert [piece.data for piece in anew] == [piece.data for piece in whole]
    assert whole[-1].newest == (datetime(2026, 11, 2, 2, 0, 1, tzinfo=UTC), "5")


def test_a_decimal_identity_is_no_float(server: Running, dialect: Callable[..., str]) -> None:
    columns = "ma decimal(30, 0), sua INSTANT null, ten varchar(20)"
    numbers = ["90071992547409929999", "90071992547409930000", "90071992547409930001", "8"]
    table(server, columns, *(f"({number}, '{AT}', 'x')" for number in numbers))
    source = DatabaseSource(server.feed(dialect(SELECT), page_size=1), known())
    assert ids(list(every_page_anew(source))) == ["8", *numbers[:3]]


def test_texts_that_the_server_takes_for_equals_are_not_lost(
    server: Running, dialect: Callable[..., str]
) -> None:
    collation = " collate utf8mb4_vietnamese_ci" if server.kind == "mysql" else ""
    columns = f"ma varchar(20){collation}, sua INSTANT null, ten varchar(20)"
    names = ["a1", "A1", "b", "B", "đ", "Đ", "c"]
    table(server, columns, *(f"('{name}', '{AT}', 'x')" for name in names))
    source = DatabaseSource(server.feed(dialect(SELECT), page_size=1), known())
    assert sorted(ids(list(source.pieces(asked())))) == sorted(names)
    assert set(ids(list(_stepped(source, 20)))) == set(names)


def _stepped(source: DatabaseSource, most: int) -> Iterator[Piece]:
    """Killed after every second page."""
    resume: dict[str, Any] = {}
    for _ in range(most):
        pieces = source.pieces(asked(**resume))
        taken = [piece for piece in (next(pieces, None), next(pieces, None)) if piece is not None]
        if not taken:
            return
        yield from taken
        resume = last(taken)


def test_rows_of_one_place_stay_in_one_page(server: Running, dialect: Callable[..., str]) -> None:
    columns = "ma integer, sua INSTANT null, ten varchar(20)"
    table(server, columns, *(f"({number}, '{AT}', '{name}')" for number in (1, 2) for name in "abc"))
    source = DatabaseSource(server.feed(dialect(SELECT), page_size=2), known())
    whole = list(every_page_anew(source))
    assert [piece.rows for piece in whole] == [3, 3]
    assert ids(whole) == [1, 1, 1, 2, 2, 2]


ABSURD = {
    "postgresql": (
        "timestamp(0)",
        ["'-infinity'", "'0001-01-01 00:00:00'", "'9999-12-31 23:59:59'", "'infinity'"],
    ),
    "mysql": ("datetime", ["'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'"]),
}


@pytest.mark.parametrize("size", [1, 2, 100])
def test_an_absurd_instant_is_read_at_every_pull_and_moves_no_cursor(
    server: Running, dialect: Callable[..., str], size: int
) -> None:
    kind, instants = ABSURD[server.kind]
    with server.owner().connect() as owner:
        if server.kind == "mysql":
            owner.exec_driver_sql("set session sql_mode = ''")
        owner.exec_driver_sql("drop table if exists ho_so")
        owner.exec_driver_sql(
            f"create table ho_so (ma integer primary key, sua {kind} null, ten varchar(20))"
        )
        for number, instant in enumerate([*instants, "null", "null", f"'{AT}'", "'2026-10-01 09:00:00'"]):
            owner.exec_driver_sql(f"insert into ho_so values ({number}, {instant}, 'x')")
    server.grant("ho_so")
    source = DatabaseSource(server.feed(dialect(SELECT), page_size=size), known())
    many = len(instants)
    whole = list(every_page_anew(source))
    assert sorted(ids(whole)) == list(range(many + 4))
    assert ids(whole)[:2] == [many, many + 1]
    newest = [piece.newest for piece in whole if piece.newest is not None]
    assert max(newest) == (datetime(2026, 11, 2, 2, tzinfo=UTC), str(many + 2))
    later = Window(datetime(2026, 11, 1, tzinfo=HANOI))
    assert sorted(ids(list(source.pieces(asked(later))))) == list(range(many + 3))
    texts = {row["ma"]: row.get("sua") for row in rows(whole)}
    assert texts[0] == instants[0].strip("'")
    assert texts[many] is None


def test_a_number_that_is_none_is_read_too(server: Running, dialect: Callable[..., str]) -> None:
    if server.kind == "mysql":
        pytest.skip("MySQL stores no NaN")
    table(server, "ma integer, sua double precision, ten text", "(1, 'NaN', 'x')", "(2, 1762050000000, 'y')")
    source = DatabaseSource(server.feed(dialect(SELECT, "epoch_ms"), page_size=1), known())
    later = Window(datetime(2026, 11, 1, tzinfo=HANOI))
    assert ids(list(source.pieces(asked()))) == [2, 1]
    assert ids(list(source.pieces(asked(later)))) == [1]


@pytest.mark.parametrize(
    ("clock", "column", "instants"),
    [
        ("local", "varchar(30)", ["2026-11-02 08:59:59", "2026-11-02 09:00:00", "2026-11-02 09:00:01"]),
        ("compact", "varchar(30)", ["20261102085959", "20261102090000", "20261102090001"]),
        ("epoch_ms", "bigint", ["1793584799000", "1793584800000", "1793584801000"]),
        ("local", "INSTANT null", ["2026-11-02 08:59:59", "2026-11-02 09:00:00", "2026-11-02 09:00:01"]),
    ],
)
def test_a_window_has_its_ends(
    server: Running, dialect: Callable[..., str], clock: str, column: str, instants: list[str]
) -> None:
    values = [f"({number}, '{instant}', 'x')" for number, instant in enumerate(instants)]
    table(server, f"ma integer, sua {column}, ten varchar(9)", *values)
    source = DatabaseSource(server.feed(dialect(SELECT, clock)), known())
    nine = datetime(2026, 11, 2, 9, tzinfo=HANOI)
    assert ids(list(source.pieces(asked(Window(nine))))) == [1, 2]
    assert ids(list(source.pieces(asked(Window(nine, nine))))) == [1]
    assert list(source.keys(nine)) == [{"ma": 1}, {"ma": 2}]
    assert [key["ma"] for key in source.keys(None)] == [0, 1, 2]
    (piece,) = source.pieces(asked())
    assert piece.newest == (datetime(2026, 11, 2, 2, 0, 1, tzinfo=UTC), "2")


POSTGRESQL = {
    "a numeric(20,4) default 12345678901234.5600": "12345678901234.5600",
    "b date default '1975-04-30'": "1975-04-30",
    "c timestamp default '2026-11-02 09:00:00.25'": "2026-11-02 09:00:00.25",
    "d timestamptz default '2026-11-02 02:00:00+00'": "2026-11-02 09:00:00+07",
    "e bytea default '\\x00ff'": "\\x00ff",
    'f jsonb default \'{"b": 1.10, "a": [null]}\'': '{"a": [null], "b": 1.10}',
    "g bit(3) default b'101'": "101",
    "h boolean default true": True,
    "i double precision default 'NaN'": "NaN",
    "j real default 0.1": "0.1",
    "k uuid default '6f1f1d70-3f4a-4a1b-9d8e-0a5b5c0d7e11'": "6f1f1d70-3f4a-4a1b-9d8e-0a5b5c0d7e11",
    "l text[] default '{a,NULL}'": "{a,NULL}",
    "m interval default '1 day 02:00'": "P1DT2H",
    "n time default '08:30'": "08:30:00",
    "o text default 'Nguyễn 100% :tên \\ \"x\"'": 'Nguyễn 100% :tên \\ "x"',
    "p text default null": None,
    "q smallint default 7": 7,
    "r numeric default 'NaN'": "NaN",
    "s inet default '10.0.0.1'": "10.0.0.1",
    "t text default ''": "",
}
MYSQL = {
    "a decimal(20,4) default 12345678901234.5600": "12345678901234.5600",
    "b date default '1975-04-30'": "1975-04-30",
    "c datetime(2) default '2026-11-02 09:00:00.25'": "2026-11-02 09:00:00.25",
    "d timestamp default '2026-11-02 09:00:00'": "2026-11-02 09:00:00",
    "e varbinary(9) default x'00ff'": "\\x00ff",
    'f json default \'{"b": 1.10, "a": [null]}\'': '{"b": 1.10, "a": [null]}',
    "g bit(3) default b'101'": 5,
    "h tinyint(1) default 1": 1,
    "i date default '0000-00-00'": "0000-00-00",
    "j double default 0.1": "0.1",
    "k varchar(9) character set latin1 default 'Hu\u00e9'": "Hué",
    "l varchar(20) character set utf8mb3 collate utf8mb3_vietnamese_ci default 'Nguyễn'": "Nguyễn",
    "m time default '-26:00:00'": "-26:00:00",
    "n year default 2026": 2026,
    "o varchar(50) default 'Nguyễn 100% :tên \"x\"'": 'Nguyễn 100% :tên "x"',
    "p text default null": None,
    "q bit(1) default b'0'": 0,
    "r varchar(9) default concat('a', char(0), 'b')": "a\x00b",
    "s enum('a','b') default 'b'": "b",
    "t varchar(9) default ''": "",
    "u bigint unsigned default 18446744073709551615": 18446744073709551615,
    "v longtext default '𠮷 utf8mb4'": "𠮷 utf8mb4",
    "w blob default 'chữ'": "\\x" + "chữ".encode().hex(),
}


def test_every_type_is_as_its_server_writes_it(server: Running, dialect: Callable[..., str]) -> None:
    wanted = {"postgresql": POSTGRESQL, "mysql": MYSQL}[server.kind]
    with server.owner().connect() as owner:
        if server.kind == "mysql":
            owner.exec_driver_sql("set session sql_mode = '', time_zone = '+07:00'")
        owner.exec_driver_sql("drop table if exists ho_so")
        columns = ", ".join(wanted).replace("%", "%%")
        owner.exec_driver_sql(f"create table ho_so (ma integer, sua varchar(30), {columns})")
        owner.exec_driver_sql(f"insert into ho_so (ma, sua) values (1, '{AT}')")
    server.grant("ho_so")
    source = DatabaseSource(server.feed(dialect("select * from ho_so")), known())
    pieces = list(source.pieces(asked()))
    (row,) = rows(pieces)
    expected = {name.split(" ")[0]: value for name, value in wanted.items() if value is not None}
    assert row == {"ma": 1, "sua": AT, **expected}
    layout = dialects.load("invented").layout
    (landed,) = rows_of(pieces[0].data, pieces[0].form, layout)
    assert landed.error is None
    assert [piece.data for piece in source.pieces(asked())] == [piece.data for piece in pieces]


def test_bytes_that_are_no_text_break_no_page(server: Running, dialect: Callable[..., str]) -> None:
    if server.kind == "mysql":
        pytest.skip("MySQL converts every text; bytes have a type of their own")
    with server.server().connect() as owner:
        owner.exec_driver_sql("drop database if exists co_dien")
        owner.exec_driver_sql("create database co_dien encoding 'SQL_ASCII' template template0 locale 'C'")
    engine = server._engine("co_dien")
    with engine.connect() as owner:
        owner.exec_driver_sql("create table ho_so (ma integer, sua text, ten text)")
        owner.exec_driver_sql(f"insert into ho_so values (1, '{AT}', E'Nguy\\xc3n'), (2, '{AT}', 'An')")
        owner.exec_driver_sql("grant select on ho_so to lienthong_reader")
    url = server.url().replace("motcua", "co_dien")
    source = DatabaseSource(server.feed(dialect(SELECT), url=url), known())
    assert [row["ten"] for row in rows(list(source.pieces(asked())))] == ["Nguy\\xc3n", "An"]


@pytest.mark.parametrize(
    ("select", "told"),
    [
        ("select ma, sua, ma from ho_so", "twice|understand"),
        ('select ma as "MA", sua from ho_so', "no column ma|does not understand"),
        ("select ma, sua from ho_so where ma = nothing", "does not understand"),
        ("select ma, sua from nowhere", "does not understand|does not let us read"),
        ("select ma, sua from", "does not understand"),
        ("select ma, now() as sua, (select max(ma) from secret) as x from ho_so", "does not let us read"),
    ],
)
def test_a_select_that_cannot_be_asked_is_refused_and_named(
    server: Running, dialect: Callable[..., str], select: str, told: str
) -> None:
    table(server, COLUMNS, f"(1, '{AT}', 'Bí mật')")
    server.run("drop table if exists secret", "create table secret (ma integer)")
    source = DatabaseSource(server.feed(dialect(select)), known())
    with pytest.raises(Refused, match=told) as fault:
        list(source.pieces(asked()))
    assert fault.value.remedy
    assert "invented" in fault.value.remedy or "grant" in fault.value.remedy
    assert "Bí mật" not in str(fault.value)
