"""Files: broken, lying, in other formats, and bombs; each beside good ones in one inbox."""

from __future__ import annotations

import gzip
import io
import json
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.kinds import BUCKET, FOLDER, FileKind, birth
from tests.hostile.packed import ARCHIVES, MARKUP, PACKED, UNKNOWN, UNPACKED, WORKBOOKS, good, plain
from tests.support.files import packed_by_font

_TEXT = "a,b\nTrần Văn Bảy,Đã cấp ở Hà Nội\n"


def _table(table: pa.Table, **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", write_statistics=False, **options)
    return file.getvalue()


def _repeated(size: int, rows: int) -> bytes:
    """One value that every row names, in the dictionary of the file and nowhere else."""
    values = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array(["x" * size]))
    return _table(pa.table({"MaHoSo": values}), store_schema=False)


def _many_rows() -> bytes:
    return _table(pa.table({"MaHoSo": pa.repeat("x", 2_000_000)}))


def _large_page() -> bytes:
    return _table(pa.table({"MaHoSo": ["x" * 50_000_000] * 3}), use_dictionary=False)


def _wide() -> bytes:
    return _table(pa.table({f"c{n}": pa.nulls(1_000_000, pa.string()) for n in range(100)}))


def _small() -> bytes:
    return _table(pa.table({"MaHoSo": ["H26.01.02-261102-0001"]}))


def _lying_footer() -> bytes:
    data = _small()
    return data[:-8] + (len(data) - 12).to_bytes(4, "little") + b"PAR1"


def _spoilt_page() -> bytes:
    data = _small()
    return data[:4] + b"\xff" * 32 + data[36:]


def _csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def _linked(folder: Path) -> None:
    outside = folder.parent / "outside.ndjson"
    outside.write_bytes(good(9))
    (folder / "link.ndjson").symlink_to(outside)


def _endless(folder: Path) -> None:
    """A file of 3 GB that takes no place on the disk."""
    with (folder / "endless.ndjson").open("wb") as file:
        file.truncate(3_000_000_000)


TABLES = (
    FileKind("Parquet bomb: one value in every row", "value.parquet",
             partial(_repeated, 10_000_000, 20_000),
             "too large to unpack. Remedy: send it in parts.", is_bomb=True),
    FileKind("Parquet bomb: a smaller value in every row", "values.parquet",
             partial(_repeated, 10_000, 1_000_000), UNPACKED, is_bomb=True),
    FileKind("Parquet bomb: more rows than bytes", "rows.parquet", _many_rows, "more than 1000000 rows",
             is_bomb=True),
    FileKind("Parquet bomb: a page of 150 MB", "page.parquet", _large_page,
             "too large to unpack. Remedy: send it in parts.", is_bomb=True),
    FileKind("Parquet bomb: 100 columns of nothing", "wide.parquet", _wide, UNPACKED, is_bomb=True),
    FileKind("truncated Parquet", "cut.parquet", lambda: _small()[:-20], "not a Parquet file"),
    FileKind("Parquet whose footer lies", "footer.parquet", _lying_footer, "not a Parquet file"),
    FileKind("Parquet with a broken page", "spoilt.parquet", _spoilt_page, "not a Parquet file"),
    FileKind("text under the name of Parquet", "text.parquet", partial(good, 4), "not a Parquet file"),
    FileKind("Parquet without a row", "none.parquet", lambda: _table(pa.table({"a": pa.nulls(0)}))),
)  # fmt: skip
TEXTS = (
    FileKind("CSV with an unclosed quote", "quote.csv", plain(_csv("a,b", '1,"2', "3,4")),
             "line 3: unexpected end of data. Remedy: close every quote"),
    FileKind("CSV with text after a quote", "after.csv", plain(_csv("a,b", '"1"x,2')),
             "line 2: ',' expected"),
    FileKind("CSV in Windows-1258", "windows.csv", lambda: "a,b\nĐà,1".encode("cp1258"),
             "not UTF-8 at byte 4; it looks like windows-1258"),
    FileKind("CSV in TCVN3", "tcvn3.csv", lambda: packed_by_font(_TEXT, "tcvn3"), "it looks like tcvn3 ("),
    FileKind("CSV in VNI", "vni.csv", lambda: packed_by_font(_TEXT, "vni"), "it looks like vni ("),
    FileKind("CSV in GBK", "gbk.csv", lambda: "a,b\n越南,1\n".encode("gbk"),
             "it looks like nothing Vietnamese"),
    FileKind("CSV in UTF-16", "utf16.csv", lambda: "MaHoSo,MaTTHC\n".encode("utf-16")),
    FileKind("CSV in UTF-16 without a mark", "mark.csv", lambda: "a,b\nĐã,1\n".encode("utf-16-le"),
             "as in UTF-16 without a mark"),
    FileKind("CSV in UTF-16 that is cut", "cut.csv", lambda: "a,b\n".encode("utf-16")[:-1],
             "not utf-16 to its end"),
    FileKind("CSV with delimiters mixed", "mixed.csv", plain(_csv("a,b;c", "1;2,3", "4")),
             "the rows do not tell which is meant. Remedy: state delimiter"),
    FileKind("CSV row of 20 MB", "row.csv.gz",
             lambda: gzip.compress(b"a\n" + b"x" * 20_000_000, 1, mtime=0),
             "line 2: a row of more than 12000000 characters", is_bomb=True),
    FileKind("CSV row of many quoted lines", "quoted.csv.gz",
             lambda: gzip.compress(b'a\n"' + b"x\n" * 8_000_000 + b'"', 1, mtime=0),
             "a row of more than 12000000 characters", is_bomb=True),
    FileKind("CSV of 5 million columns", "columns.csv.gz",
             lambda: gzip.compress(b"ab," * 5_000_000, 1, mtime=0), "or 10000 columns", is_bomb=True),
    FileKind("CSV with a header alone", "header.csv", plain(b"MaHoSo,MaTTHC\n")),
    FileKind("CSV whose header names a column twice", "twice.csv",
             plain(_csv("MaHoSo,MaHoSo", "1,2")), rows=(1, 1)),
    FileKind("page of 25 MB", "page.json", lambda: b'{"data":["' + b"x" * 25_000_000 + b'"]}',
             "a page of more than 20000000 bytes", is_bomb=True),
    FileKind("page of 6 million values", "values.json.gz",
             lambda: gzip.compress(b'{"data":[' + b"[]," * 6_000_000 + b"[]]}", 1, mtime=0),
             rows=(1, 1)),
    FileKind("page that is cut", "cut.json", plain(b'{"data": [{"MaHoSo": "H26'), rows=(1, 1)),
    FileKind("page whose items are no list", "items.json", plain(b'{"data": {"MaHoSo": "H26"}}'),
             rows=(1, 1)),
    FileKind("two pages in one file", "pages.json", plain(b'{"data": []}{"data": []}'), rows=(1, 1)),
    FileKind("page with no items", "none.json", plain(b'{"data": []}')),
    FileKind("page in UTF-16", "utf16.json",
             lambda: json.dumps({"data": [birth(9_005, 900_005)]}).encode("utf-16"), rows=(1, 0)),
    FileKind("page after a BOM", "bom.json",
             lambda: json.dumps({"data": [birth(9_006, 900_006)]}).encode("utf-8-sig"), rows=(1, 0)),
    FileKind("lines after a BOM", "bom.ndjson", lambda: b"\xef\xbb\xbf" + good(7), rows=(1, 0)),
    FileKind("lines that end in CR LF", "crlf.ndjson", lambda: good(8).replace(b"\n", b"\r\n"), rows=(1, 0)),
    FileKind("lines in UTF-16", "utf16.ndjson", lambda: '{"a": "ạ"}\n'.encode("utf-16"), rows=(2, 2)),
    FileKind("empty file", "empty.ndjson", plain(b"")),
    FileKind("empty gzip", "empty.ndjson.gz", lambda: gzip.compress(b"", mtime=0)),
    FileKind("file of NULs", "nul.ndjson", plain(bytes(1_000_000)), rows=(1, 1)),
    FileKind("file of 3 GB", "endless.ndjson", plain(b""), "has more than 2000000000 bytes",
             through=(FOLDER,), place=_endless),
    FileKind("file of blank lines", "blank.ndjson", plain(b"\n \n\t\n")),
)  # fmt: skip
NAMES = (
    FileKind("no format in the name", "README", plain(b"read me"), UNKNOWN),
    FileKind("shell in the name", "$(touch x);`id`.ndjson", partial(good, 10), rows=(1, 0)),
    FileKind("an option for a name", "-rf.ndjson", partial(good, 11), rows=(1, 0)),
    FileKind("line break in the name", "a\nb.ndjson", partial(good, 12), rows=(1, 0), through=(FOLDER,)),
    FileKind("RTL override in the name", "\u202enosjdn.xslx.ndjson", partial(good, 13), rows=(1, 0)),
    FileKind("HTML in the name", "<b>&amp;'.ndjson", partial(good, 14), rows=(1, 0)),
    FileKind("path traversal by a link", "link.ndjson", plain(b""), "links are not followed",
             through=(FOLDER,), place=_linked),
    FileKind("a path for a key", "sub/folder/rows.ndjson", partial(good, 15), rows=(1, 0), through=(BUCKET,)),
    FileKind("two endings", "rows.ndjson.exe", partial(good, 4), UNKNOWN),
)  # fmt: skip
FILES = (*PACKED, *ARCHIVES, *WORKBOOKS, *MARKUP, *TABLES, *TEXTS, *NAMES)
