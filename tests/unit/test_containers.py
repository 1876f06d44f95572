"""Files of each format: what is proven of them is kept, what would be a guess is refused with the remedy."""

from __future__ import annotations

import gzip
import io
import unicodedata
import zipfile
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.landing.containers import judged
from jobs.landing.forms import form_of, unknown
from jobs.landing.manifests import layout_of, member_of
from jobs.landing.records import LandedRow
from jobs.landing.rows import rows_of
from schemas.layout import USUAL, Layout
from tests.support.files import packed_by_font, workbook, zipped

NAMES = "ho_ten,noi_o\nNguyễn Thị Hoà,Đống Đa\nTrần Văn Bảy,Hà Nội\n"
RECORDS = [{"ho_ten": "Nguyễn Thị Hoà", "noi_o": "Đống Đa"}, {"ho_ten": "Trần Văn Bảy", "noi_o": "Hà Nội"}]


def read(data: bytes, form: str, layout: Layout = USUAL) -> list[LandedRow]:
    """The rows of a file that is taken, read by what its manifest would keep."""
    found = judged(data, form, layout)
    assert found.refusal is None
    rows = list(rows_of(data, form, layout_of({"layout": layout.told()}, {"layout": found.layout})))
    assert found.rows in (None, len(rows))
    return rows


def records(data: bytes, form: str, layout: Layout = USUAL) -> list[Any]:
    rows = read(data, form, layout)
    assert [row.error for row in rows] == [None] * len(rows)
    return [row.record for row in rows]


def refusal(data: bytes, form: str, layout: Layout = USUAL) -> str:
    why = judged(data, form, layout).refusal
    assert why is not None
    assert "Remedy: " in why
    return why


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "csv"), ("A.CSV", "csv"), ("a.ndjson.gz", "ndjson.gz"), ("a.xml.gz", "xml.gz"),
     ("a.zip", "zip"), ("a.xlsx", "xlsx"), ("a.xlsx.gz", None), ("a.zip.gz", None), ("csv", None)],
)  # fmt: skip
def test_a_name_tells_a_format(name: str, form: str | None) -> None:
    assert form_of(name) == form


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("a.XLS", "as .xlsx"), ("a.rar", "as .zip"), ("a.txt", "as .csv"), ("a", "send a file")],
)
def test_what_has_no_format_is_told_what_to_send(name: str, remedy: str) -> None:
    assert remedy in unknown(name)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_parts_a_csv_is_found_and_kept(mark: str, encoding: str) -> None:
    data = NAMES.replace(",", mark).encode(encoding)
    assert judged(data, "csv", USUAL).layout == {
        "encoding": encoding.removesuffix("-sig"), "delimiter": mark
    }  # fmt: skip
    assert records(data, "csv") == RECORDS
    assert records(gzip.compress(data), "csv.gz") == RECORDS


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a\n1\n", ","),
        ("a\n1;2\n", ","),
        ("a;b\n1,5;2\n", ";"),
        ("a;b\n1\n2;3;4\n", ";"),
        ('"a,b";c\n"1,2";3\n4;5\n', ";"),
        ("a,b;c\n1;2\n3;4\n", ";"),
        ("a;b", ";"),
        ("", ","),
    ],
)
def test_a_delimiter_is_the_one_that_the_rows_prove(text: str, delimiter: str) -> None:
    assert judged(text.encode(), "csv", USUAL).layout["delimiter"] == delimiter


@pytest.mark.parametrize("text", ["a,b;c\n1\n", "a,b;c\n1,2;3\n", "a;b|c\n1;2\n3|4\n"])
def test_a_delimiter_that_nothing_proves_is_asked_for(text: str) -> None:
    assert "state delimiter" in refusal(text.encode(), "csv")
    assert judged(text.encode(), "csv", replace(USUAL, delimiter=";")).refusal is None


@pytest.mark.parametrize("encoding", ["windows-1258", "tcvn3", "vni"])
def test_an_old_encoding_is_not_guessed_but_told_by_what_it_looks_like(encoding: str) -> None:
    data = packed_by_font(NAMES, encoding)
    why = refusal(data, "csv")
    assert "not UTF-8 at byte" in why
    assert f"it looks like {encoding} (" in why
    assert f"{encoding} 100%" in why
    assert "state encoding in the [layout]" in why
    assert not any(word in why for word in ("Nguy", "Bảy"))
    found = records(data, "csv", replace(USUAL, encoding=encoding))
    assert [
        {key: unicodedata.normalize("NFC", value) for key, value in one.items()} for one in found
    ] == RECORDS


@pytest.mark.parametrize(
    ("data", "layout", "told"),
    [
        ("a,b\n越南,1\n".encode("gbk"), USUAL, "nothing Vietnamese; charset-normalizer takes it for"),
        (NAMES.encode("utf-16-le"), USUAL, 'or state encoding = "utf-16-le" in the [layout]'),
        ("a,b\n1,2\n".encode("utf-16-be"), USUAL, 'or state encoding = "utf-16-be" in the [layout]'),
        (b"a\0b,c\n1,2\n", USUAL, "bytes 0 in its header"),
        ("a,b\n".encode("utf-32"), USUAL, "it is utf-32"),
        ("a,b\n".encode("utf-16") + b"\x00", USUAL, "not utf-16 to its end"),
        (NAMES.encode(), replace(USUAL, encoding="tcvn3"), "not tcvn3 to its end, but UTF-8. Remedy: state"),
        (NAMES.encode(), replace(USUAL, encoding="vni"), "not vni to its end, but UTF-8. Remedy: state"),
        (NAMES.encode(), replace(USUAL, header_row=9), "no row 9"),
    ],
)  # fmt: skip
def test_what_is_in_no_encoding_that_was_stated_or_proven(data: bytes, layout: Layout, told: str) -> None:
    assert told in refusal(data, "csv", layout)


@pytest.mark.parametrize(
    ("data", "stated", "proven"),
    [
        ("ten\nHà Văn Hà\n".encode(), "windows-1258", "utf-8"),
        (unicodedata.normalize("NFD", "ten\nHà Văn Hà\n").encode(), "windows-1258", "utf-8"),
        (b"ten\n" + b"a\n" * 9_000 + "Hà Huệ\n".encode(), "windows-1258", "utf-8"),
        (NAMES.encode("utf-8-sig"), "windows-1258", "utf-8"),
        (NAMES.encode("utf-8-sig"), "utf-16", "utf-8"),
        (NAMES.encode("utf-16"), "utf-8", "utf-16"),
        (NAMES.encode("utf-16"), "tcvn3", "utf-16"),
        (NAMES.encode("utf-16"), "utf-16-le", "utf-16"),
        (NAMES.encode("utf-16-le"), "utf-16", "utf-16-le"),
        (NAMES.encode("utf-16-le"), "utf-16-be", "utf-16-le"),
        (NAMES.encode("utf-16-be"), "windows-1258", "utf-16-be"),
    ],
)
def test_an_encoding_is_not_stated_against_the_bytes(data: bytes, stated: str, proven: str) -> None:
    told = (
        f'it is {proven}, and {stated} is stated. Remedy: save it as {stated}, or state encoding = "{proven}"'
    )
    layout = replace(USUAL, encoding=stated)
    assert refusal(data, "csv", layout).startswith(told)
    assert refusal(gzip.compress(data), "csv.gz", layout).startswith(told)
    assert judged(data, "csv", replace(USUAL, encoding=proven)).refusal is None


def test_bytes_that_are_utf_8_by_accident_are_read_as_stated() -> None:
    data = "so\n12/QĐ–UBND\n34/QĐ–UBND\n".encode("cp1258")
    assert "Ж" in data.decode()
    assert records(data, "csv", replace(USUAL, encoding="windows-1258"))[0] == {"so": "12/QĐ–UBND"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_declared_with_its_order(encoding: str) -> None:
    layout = replace(USUAL, encoding=encoding)
    assert records(NAMES.encode(encoding), "csv", layout) == RECORDS
    assert judged(b"", "csv", layout).refusal is None
    assert "no bytes 0 where" in refusal(NAMES.encode(), "csv", layout)


def test_a_header_below_titles_and_cells_without_quotes_are_declared() -> None:
    data = b'DANH SACH\n\nid|noi\n1|"A" 2\n'
    assert "',' expected" in refusal(b'id,noi\n1,"A" 2\n', "csv")
    layout = replace(USUAL, header_row=3, quote="", delimiter="|", delivery=())
    assert records(data, "csv", layout) == [{"id": "1", "noi": '"A" 2'}]


def test_old_manifests_are_read_as_they_were() -> None:
    """Nothing was kept of encodings then: UTF-8 and commas."""
    assert [row.record for row in rows_of(b"a,b;c\n1,2;3\n", "csv", Layout.of({"items": "data"}))] == [
        {"a": "1", "b;c": "2;3"}
    ]


@pytest.mark.parametrize("other", ["Ế", "E\u0302\u0301"])
def test_a_parquet_file_that_names_a_column_twice_is_refused(other: str) -> None:
    inner = pa.StructArray.from_arrays([pa.array(["1"]), pa.array(["2"])], names=["Ế", other])
    listed = pa.ListArray.from_arrays([0, 1], inner)
    for columns, names in (([pa.array(["1"]), pa.array(["2"])], ["Ế", other]), ([listed], ["a"])):
        file = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(columns, names=names), file)
        assert "it names a column twice" in refusal(file.getvalue(), "parquet")
        assert [row.error for row in rows_of(file.getvalue(), "parquet", USUAL)] == ["parquet: Unfit"]


def test_an_archive_is_read_file_by_file_in_the_order_of_names() -> None:
    data = zipped(
        {
            "b/hai.csv": b"a;b\n1;2\n\n3;4\n",
            "a.ndjson": b'{"a":1}\n{"a":2}\n',
            "c.xlsx": workbook([["a"], [5]]),
            "d.xml": b"<r><data><a>6</a></data></r>",
            "e.json": b'{"data":[{"a":7}]}',
            "f.parquet": table(),
            "__MACOSX/._a.ndjson": b"aside",
        }
    )
    found = judged(data, "zip", USUAL)
    assert found.layout == {"members": {"b/hai.csv": {"encoding": "utf-8", "delimiter": ";"}}}
    entry = {"members": found.members}
    rows = read(data, "zip")
    assert [row.row_no for row in rows] == [1, 2, 3, 5, 6, 7, 8, 9]
    assert [row.record["a"] for row in rows if row.record] == [1, 2, "1", "3", 5, "6", 7, 8]
    told = [member_of(entry, row.row_no) for row in rows]
    assert told[2:5] == [("b/hai.csv", 1), ("b/hai.csv", 3), ("c.xlsx", 1)]
    assert [place and place[0] for place in told] == [row.member for row in rows]


def table() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"a": [8]}), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK", "not a zip archive"),
        (zipped({}), "an archive without a file"),
        (zipped({"a.ndjson": bytes(70_000_000)}), "bytes when unpacked"),
        (zipped({f"{n}.ndjson": b"" for n in range(1_001)}), "more than 1000 files"),
        (zipped({"a.ndjson": b"1"}, times=2), "two files in it have one name"),
        (zipped({"../a.ndjson": b"1"}), "file 1 of the archive, by name: its name leads out"),
        (zipped({"a/../../a.ndjson": b"1"}), "its name leads out"),
        (zipped({"/etc/a.ndjson": b"1"}), "its name leads out"),
        (zipped({"C:\\a.ndjson": b"1"}), "its name leads out"),
        (zipped({"a.ndjson": b"1", "b.zip": zipped({})}), "file 2 of the archive, by name: it is packed"),
        (zipped({"a.csv.gz": gzip.compress(b"1")}), "it is packed itself"),
        (zipped({"a.txt": b"1"}), "unknown format. Remedy: have in it only files ndjson, csv,"),
        (zipped({"a.ndjson": b"1"}, method=zipfile.ZIP_LZMA), "packed by method 14"),
        (zipped({"a.ndjson": b"1"}, method=zipfile.ZIP_BZIP2), "packed by method 12"),
        (zipped({"a.ndjson": b"1"}, flags=1), "it is encrypted. Remedy: send it without a password"),
        (zipped({"a.ndjson": b"/etc/passwd"}, mode=0o120777), "it is a link"),
        (zipped({"a.ndjson": b"1"}, method=0).replace(b"json1", b"json2"), "by name: broken (BadZipFile)"),
        (zipped({"a.csv": b"a,b\n\xff"}), "file 1 of the archive, by name: not UTF-8 at byte 4"),
        (zipped({"a.json": b" " * 20_000_001}), "a page of more than 20000000 bytes"),
        (zipped({"a.xlsx": b"no"}), "not a workbook"),
        (zipped({"a.parquet": b"no"}), "not a Parquet file"),
    ],
)  # fmt: skip
def test_an_archive_that_is_not_taken(data: bytes, told: str) -> None:
    assert told in refusal(data, "zip")


@settings(max_examples=25)
@given(st.binary(max_size=200), st.sampled_from(["zip", "xlsx"]), st.booleans())
def test_any_archive_is_taken_or_refused_with_a_remedy(data: bytes, form: str, is_cut: bool) -> None:
    whole = zipped({"a.ndjson": data, "xl/workbook.xml": data}) if form == "xlsx" else zipped({"a.csv": data})
    why = judged(whole[: len(whole) // 2] + data if is_cut else whole, form, USUAL).refusal
    assert why is None or "Remedy: " in why
