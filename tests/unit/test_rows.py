"""Rows of landed objects: whatever the bytes are, each place has one row, and none is lost in silence."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tracemalloc
from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.landing.records import ERASED, LandedRow
from jobs.landing.rows import items_of, page_of, rows_of, without
from schemas.forms import FORMS
from schemas.layout import USUAL

SPREADSHEET = "record_id,NguoiDan.HoVaTen\nBL1,Nam\n"
BATCH = 4096
NOT_JSON = "the row has a value that is not JSON"


def read(data: bytes, form: str) -> list[LandedRow]:
    return list(rows_of(data, form, USUAL))


def places(rows: Sequence[LandedRow]) -> list[tuple[int, str | None]]:
    return [(row.row_no, row.error) for row in rows]


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def table(rows: int) -> bytes:
    """A Parquet file of several row groups, none of them compressed."""
    file = io.BytesIO()
    values = pa.table({"record_id": [f"BL{n}" for n in range(rows)]})
    pq.write_table(values, file, row_group_size=BATCH, compression="none", use_dictionary=False)
    return file.getvalue()


def spoilt(data: bytes, group: int) -> bytes:
    """The file with the header of a row group's page overwritten."""
    start = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(group).column(0).data_page_offset
    return data[:start] + b"\xff" * 32 + data[start + 32 :]


def corrupt_gzip(data: bytes) -> bytes:
    whole = gzip.compress(data, mtime=0)
    return whole[:12] + b"\xff\xff\xff" + whole[15:]


@pytest.mark.parametrize(
    ("data", "form", "expected"),
    [
        (SPREADSHEET + 'BL2,"Na"m\n', "csv", [(1, None), (2, "csv: Error")]),
        (SPREADSHEET + f"BL2,{'x' * 140_000}\nBL3,Nam\n", "csv", [(1, None), (2, None), (3, None)]),
        (SPREADSHEET + f"BL2,{'x' * 4_000_000}\nBL3,Nam\n", "csv",
         [(1, None), (2, "the row is too large"), (3, None)]),
        ("A,A.B\n1,2\n", "csv", [(1, "the header names a column twice")]),
        ("A.B,A\n1,2\n", "csv", [(1, "the header names a column twice")]),
        ("A,A\n1,2\n3,4\n", "csv", [(n, "the header names a column twice") for n in (1, 2)]),
        ("A,,\n1,,\n", "csv", [(1, None)]),
        ("A,,column 2\n1,,\n", "csv", [(1, "the header names a column twice")]),
        ("Ế,E\u0302\u0301\n1,2\n", "csv", [(1, "the header names a column twice")]),
        ("Ế.a,E\u0302\u0301.b\n1,2\n", "csv", [(1, "the row names a key twice")]),
        ('{"Ế":"1","E\u0302\u0301":"2"}\n{"a":[{"Ế":1,"E\u0302\u0301":1}]}\n{"E\u0302\u0301":1}', "ndjson",
         [(1, "the row names a key twice"), (2, "the row names a key twice"), (3, None)]),
        ('{"a":1}\n' + f'{{"a":{nested(100)}}}\n{{"a":2}}', "ndjson",
         [(1, None), (2, "the line is not JSON in UTF-8"), (3, None)]),
        ('{"a":1}\n' + f'{{"a":"{nested(500)}"}}', "ndjson", [(1, None), (2, None)]),
        (f'{{"data":[{nested(99)},{{"a":1}}]}}', "json", [(1, NOT_JSON), (2, None)]),
        (f'{{"data":[{{"a":{nested(5_000)}}},{{"a":1}}]}}', "json", [(1, NOT_JSON), (2, None)]),
        ('{"data":[{"a":NaN},{"a":1}]}', "json", [(1, NOT_JSON), (2, None)]),
        (f'{{"data":[{{"a":{"9" * 5_000}}},{{"a":1e999}},{{"a":1}}]}}', "json",
         [(1, NOT_JSON), (2, NOT_JSON), (3, None)]),
        ('{"data":[{"a":1,"a":2},{"b":[{"a":1,"a":1}]},{"a":1}]}', "json",
         [(1, "the row names a key twice"), (2, "the row names a key twice"), (3, None)]),
        ('{"data":[1],"data":[2]}', "json", [(1, "the page is not JSON with a list of items")]),
        (nested(100_000), "json", [(1, "the page is not JSON with a list of items")]),
        ('{"data":[{"a":1},{"a":"\\ud800"},[1]]}', "json",
         [(1, None), (2, "the row is not Unicode text"), (3, "the row is not an object")]),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)  # fmt: skip
def test_bad_content_is_a_row_at_its_own_place(
    data: str, form: str, expected: list[tuple[int, str | None]]
) -> None:
    assert places(read(data.encode(), form)) == expected
    assert places(read(gzip.compress(data.encode()), f"{form}.gz")) == [
        (number, error and error.replace(f"{form}:", f"{form}.gz:")) for number, error in expected
    ]


def test_an_encoded_surrogate_is_the_fault_of_its_row_alone() -> None:
    page = b'{"data":[{"a":"\xed\xa0\x80"},{"a":1}]}'
    assert places(read(page, "json")) == [(1, "the row is not Unicode text"), (2, None)]


def test_a_line_in_another_encoding_stops_no_other() -> None:
    lines = [b'{"a":1}', '{"a":"ạ"}'.encode("utf-16-le"), b'{"a":2}']
    assert [row.error is None for row in read(b"\n".join(lines), "ndjson")] == [True, False, True]


def test_columns_without_a_name_are_named_by_their_place() -> None:
    (row,) = read(b"a,,\n1,2,3\n", "csv")
    assert row.record == {"a": "1", "column 2": "2", "column 3": "3"}


def test_elements_that_are_one_in_nfc() -> None:
    (row,) = read("<r><data><Ế>1</Ế><E\u0302\u0301>2</E\u0302\u0301></data></r>".encode(), "xml")
    assert row.error == "the row names a key twice"


def test_a_gzip_stream_that_is_broken_inside() -> None:
    (row,) = read(corrupt_gzip(b'{"a":1}\n' * 9), "ndjson.gz")
    assert (row.row_no, row.error) == (1, "ndjson.gz: error")


def test_a_parquet_file_that_is_broken_in_the_middle_has_no_two_rows_at_one_place() -> None:
    rows = read(spoilt(table(3 * BATCH), 1), "parquet")
    assert [row.row_no for row in rows] == list(range(1, BATCH + 2))
    assert [row.row_no for row in rows if row.error] == [BATCH + 1]


@given(st.binary(max_size=200) | st.text(max_size=60).map(str.encode), st.sampled_from(FORMS))
def test_any_bytes_are_rows_each_at_a_place_of_its_own(data: bytes, form: str) -> None:
    rows = read(data, form)
    numbers = [0, *(row.row_no for row in rows)]
    assert all(one < following for one, following in pairwise(numbers))
    assert rows == read(data, form)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"data":{}}', b"NaN", nested(101).encode()])
def test_what_is_no_page(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        items_of(page_of(data), USUAL)


def test_what_is_nested_too_deep_is_told_apart_by_what_is_in_it() -> None:
    page = f'{{"data":[{nested(200)},{nested(201)},{nested(200)}]}}'
    one, other, again = (row.content_digest for row in read(page.encode(), "json"))
    assert one == again != other


def test_a_text_that_stays_open_is_read_once() -> None:
    """Backtracking would take hours, and a gigabyte."""
    page = b'{"data":[' + b"[" * 200 + b'"' + b'\\"' * 4_000_000
    assert places(read(page, "json")) == [(1, "the page is not JSON with a list of items")]


def test_a_page() -> None:
    page = {"data": [{"a": json.loads(nested(90))}], "next_cursor": None}
    assert page_of(json.dumps(page).encode()) == page


def test_a_line_longer_than_any_row_is_one_row_and_told_apart_by_all_of_it() -> None:
    long = b'{"a":"' + b"x" * 17_000_000
    data = b"\n".join([b'{"a":1}', long + b'1"}', long + b'2"}', b'{"a":2}'])
    first, one, other, last = read(data, "ndjson")
    assert (first.error, one.error, other.error, last.error) == (None, *["the row is too large"] * 2, None)
    assert one.content_digest == hashlib.sha256(long + b'1"}\n').hexdigest()
    assert one.content_digest != other.content_digest
    assert len(one.raw) == 100_000


def test_rows_that_are_too_large_are_told_apart_by_all_of_them() -> None:
    long = "x" * 4_000_000
    one, other = read(f'{{"a":"{long}1"}}\n{{"a":"{long}2"}}'.encode(), "ndjson")
    assert (one.error, other.error) == ("the row is too large", "the row is too large")
    assert one.content_digest != other.content_digest


def test_what_unpacks_to_much_is_read_row_by_row() -> None:
    """Memory holds the packed bytes and a row, not what they unpack to."""
    packed = gzip.compress((b'{"a":"' + b"x" * 1_000_000 + b'"}\n') * 100)
    tracemalloc.start()
    assert sum(row.error is None for row in rows_of(packed, "ndjson.gz", USUAL)) == 100
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000


SAMPLES = {
    "json": b'{"data": [{"id": 1, "a": "1"}, {"id": 2, "a": "\\ud800"}, {"id": 3, "a": 3.10}]}',
    "ndjson": b'{"a": "1"}\n{"a": \n{"a": "3"}\n',
    "ndjson.gz": gzip.compress(b'{"a": "1"}\n\n{"a": "2"}\n[3]\n'),
    "csv": "a,b.c\n1,Hồ\n2\n3,4\n".encode(),
    "parquet": table(3),
}


@pytest.mark.parametrize("form", SAMPLES)
def test_an_object_without_some_rows_keeps_the_others_and_every_place(form: str) -> None:
    whole = read(SAMPLES[form], form)
    first = without(SAMPLES[form], form, USUAL, {2}, "1/s/1")
    left = read(first, "rows.gz")
    assert [row.row_no for row in left] == [row.row_no for row in whole] == [1, 2, 3]
    assert [row.error == ERASED for row in left] == [False, True, False]
    for one, other in ((whole[0], left[0]), (whole[2], left[2])):
        assert (one.raw, one.content_digest, one.error) == (other.raw, other.content_digest, other.error)
        assert (other.record is None) == (one.record is None)
    again = read(without(first, "rows.gz", USUAL, {1}, "2/s/1"), "rows.gz")
    assert again[1] == left[1], "a tombstone stays as it is"
    assert len({row.content_digest for row in again}) == 3


@pytest.mark.parametrize("line", ['{"Ho\u0323": "1"}', '{"Ho\\u0323": "1"}'])
def test_a_records_keys_are_in_nfc_however_they_are_written(line: str) -> None:
    (row,) = read(line.encode(), "ndjson")
    assert (row.error, row.record) == (None, {"Họ": "1"})
    assert row.raw == line
