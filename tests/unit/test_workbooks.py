"""Workbooks: what a cell holds is what the record has; what would be guessed is refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from jobs.landing.containers import judged
from jobs.landing.records import LandedRow
from jobs.landing.rows import rows_of
from schemas.layout import USUAL, Layout
from tests.support.files import workbook, zipped

PLAIN = replace(USUAL, delivery=())


def read(data: bytes, layout: Layout = PLAIN) -> list[LandedRow]:
    found = judged(data, "xlsx", layout)
    assert found.refusal is None
    rows = list(rows_of(data, "xlsx", layout))
    assert len(rows) == found.rows
    return rows


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its parts written anew."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    return zipped(parts | {part: change(parts[part])})


SHEET = "xl/worksheets/sheet1.xml"
ENTITY = b'<!DOCTYPE a [<!ENTITY b "c">]>'
DAY = dt.datetime(2026, 11, 2)  # noqa: DTZ001  (a sheet knows no zone)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("001326000001", "001326000001"),
        (1326000001, 1326000001),
        (12.0, 12),
        (12.5, 12.5),
        (123456789012345678, 1.234567890123457e17),
        (True, True),
        (None, None),
        ("=cmd()", "=cmd()"),
        (DAY, "2026-11-02"),
        (dt.date(2026, 11, 2), "2026-11-02"),
        (DAY.replace(hour=9, minute=5, second=7), "2026-11-02T09:05:07"),
        (dt.time(9, 5), "09:05:00"),
    ],
)
def test_what_a_cell_stands_for(cell: Any, value: Any) -> None:
    data = workbook([["a", "N.b"], ["x", cell], ["y", "z"]])
    if cell == "=cmd()":
        data = changed(
            data, SHEET, lambda part: part.replace(b"<f>cmd()</f><v></v>", b"<f>cmd()</f><v>7</v>")
        )
        data = changed(data, SHEET, lambda part: part.replace(b"<f>cmd()</f><v />", b"<f>cmd()</f><v>7</v>"))
        value = 7
    first, last = read(data)
    assert first.record == {"a": "x", "N": [{"b": value}]}
    assert last.record == {"a": "y", "N": [{"b": "z"}]}


@pytest.mark.parametrize(
    ("number_format", "value"),
    [
        ("mm/yyyy", "05/1990"),
        ("mmm-yy", "05/1990"),
        ('[$-42A]"ngày "mm\\/yyyy;@', "05/1990"),
        ("yyyy", "1990"),
        ('"Năm sinh "yyyy', "1990"),
        ("dd/mm/yyyy", "1990-05-01"),
        ("d-mmm", "1990-05-01"),
        ("mmmm", "1990-05-01"),
        ("yyyy hh:mm", "1990-05-01"),
    ],
)
def test_a_date_that_shows_no_day_is_the_month_or_the_year(number_format: str, value: str) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["NgaySinh"])
    sheet.append([dt.date(1990, 5, 1)])
    sheet["A2"].number_format = number_format
    book.save(out)
    assert [row.record for row in read(out.getvalue())] == [{"NgaySinh": value}]


def test_empty_rows_keep_their_numbers_and_short_ones_are_filled() -> None:
    rows = read(workbook([["a", "b", "c"], [1, 2, 3], [], [None, None], [4], [5, 6, 7, 8]]))
    assert [(row.row_no, row.error) for row in rows] == [
        (1, None),
        (4, None),
        (5, "the row has another number of columns"),
    ]
    assert rows[1].record == {"a": 4, "b": None, "c": None}


def test_a_column_without_a_name_is_kept_and_one_that_is_named_twice_is_not_guessed() -> None:
    (row,) = read(workbook([["a", None, "c"], [1, 2, 3]]))
    assert row.record == {"a": 1, "column 2": 2, "c": 3}
    (row,) = read(workbook([["a", "a"], [1, 2]]))
    assert row.error == "the header names a column twice"


def test_an_error_of_the_spreadsheet_is_no_value() -> None:
    rows = read(workbook([["a"], ["#N/A"], ["x"]]))
    assert [row.error for row in rows] == ["a cell shows an error of the spreadsheet", None]


def test_titles_above_the_header_are_declared() -> None:
    data = workbook([["DANH SÁCH HỒ SƠ"], [], ["a", "b"], [1, 2]])
    why = judged(data, "xlsx", PLAIN).refusal or ""
    assert "row 1 names fewer columns than any row below has" in why
    assert "Remedy: state header_row" in why
    (row,) = read(data, replace(PLAIN, header_row=3))
    assert (row.row_no, row.record) == (1, {"a": 1, "b": 2})


def test_the_only_sheet_with_rows_is_read_and_two_are_told_apart_by_name() -> None:
    rows = [["a"], [1]]
    assert len(read(workbook([], rows))) == 1
    both = workbook(rows, [["a"], [2]], titles=("Một", "Hai"))
    assert "2 sheets have rows. Remedy: send each" in (judged(both, "xlsx", PLAIN).refusal or "")
    (row,) = read(both, replace(PLAIN, sheet="Hai"))
    assert row.record == {"a": 2}
    assert "no sheet 'Ba'" in (judged(both, "xlsx", replace(PLAIN, sheet="Ba")).refusal or "")


def hidden() -> bytes:
    book, out = openpyxl.load_workbook(io.BytesIO(workbook([["a"], [1]], [["codes"], [2]]))), io.BytesIO()
    book.worksheets[1].sheet_state = "hidden"
    book.save(out)
    return out.getvalue()


def test_a_hidden_sheet_is_no_delivery() -> None:
    (row,) = read(hidden())
    assert row.record == {"a": 1}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old .xls, or encrypted"),
        (b"a,b\n1,2\n", "not a workbook, or a broken one"),
        (b"", "not a workbook, or a broken one"),
        (zipped({"a.txt": b"a"}), "not a workbook, or a broken one (KeyError)"),
        (workbook([["a"], [1]])[:-400], "not a workbook, or a broken one"),
        (workbook([["a"], ["=1+1"]]), "1 formulas without their values"),
        (changed(workbook([["a"]]), SHEET, lambda _: bytes(70_000_000)), "bytes when unpacked"),
        (changed(workbook([["a"], [1]]), SHEET, lambda part: part[:-30]), "a broken one (ParseError)"),
        (changed(workbook([["a"]]), SHEET, lambda part: ENTITY + part.split(b"?>")[-1]),
         "not a workbook, or a broken one"),
        (changed(workbook([["a"], [1]]), SHEET, lambda part: part.replace(b'r="2"', b'r="2000000000"')),
         "more than 1048576 rows"),
        (changed(workbook([["a"], [1]]), SHEET, lambda part: part.replace(b'r="A2"', b'r="XFD2"')),
         "or 10000 columns"),
    ],
)  # fmt: skip
def test_a_workbook_that_is_not_taken(data: bytes, told: str) -> None:
    why = judged(data, "xlsx", PLAIN).refusal or ""
    assert told in why
    assert "Remedy: " in why


def test_a_size_that_a_sheet_declares_is_not_believed() -> None:
    data = changed(
        workbook([["a"], [1]]), SHEET, lambda part: part.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    )
    assert [row.record for row in read(data)] == [{"a": 1}]
