"""Files: broken, lying, in other formats, and bombs; each beside good ones in one inbox."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.kinds import BUCKET, FOLDER, FileKind, birth, text_of

_UNKNOWN = (
    "unknown format. Remedy: send one of .ndjson.gz, .ndjson, .csv.gz, .csv, .parquet, .json.gz, .json."
)
_BROKEN_GZIP = "the gzip stream is broken"
_UNPACKED = "bytes when unpacked. Remedy: send it in parts."
_XXE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
_LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
_SHEET = "xl/worksheets/sheet1.xml"
_MANY = 70_000_000


def good(number: int) -> bytes:
    """One line of a good dossier, whose person has a serial of its own."""
    return text_of(birth(9_000 + number, 900_000 + number)).encode() + b"\n"


def _zeros(size: int) -> bytes:
    return gzip.compress(bytes(size), 1, mtime=0)


def _zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def _tarred(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


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


def _spoilt_checksum() -> bytes:
    whole = gzip.compress(good(4), mtime=0)
    return whole[:-8] + b"\x00" * 4 + whole[-4:]


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


def _plain(data: bytes) -> Callable[[], bytes]:
    return lambda: data


PACKED = (
    FileKind("truncated gzip", "cut.ndjson.gz", lambda: gzip.compress(good(1) * 100, mtime=0)[:-20],
             f"{_BROKEN_GZIP} (EOFError)"),
    FileKind("concatenated gzip", "two.ndjson.gz",
             lambda: gzip.compress(good(2), mtime=0) + gzip.compress(good(3), mtime=0), rows=(2, 0)),
    FileKind("gzip followed by other bytes", "tail.ndjson.gz",
             lambda: gzip.compress(good(4), mtime=0) + b"tail", f"{_BROKEN_GZIP} (BadGzipFile)"),
    FileKind("gzip with a wrong checksum", "checksum.ndjson.gz", _spoilt_checksum,
             f"{_BROKEN_GZIP} (BadGzipFile)"),
    FileKind("plain text under the name of gzip", "plain.ndjson.gz", partial(good, 4),
             f"{_BROKEN_GZIP} (BadGzipFile)"),
    FileKind("gzip in gzip", "twice.ndjson.gz",
             lambda: gzip.compress(gzip.compress(b"{}", 0, mtime=0), mtime=0), rows=(1, 1)),
    FileKind("gzip bomb", "bomb.ndjson.gz", partial(_zeros, _MANY), _UNPACKED, is_bomb=True),
    FileKind("gzip bomb of CSV", "bomb.csv.gz", partial(_zeros, _MANY), _UNPACKED, is_bomb=True),
    FileKind("gzip bomb of a page", "bomb.json.gz",
             lambda: gzip.compress(b'{"data":[' + b"[]," * 10_000_000 + b"[]]}", 1, mtime=0),
             "a page of more than 20000000 bytes. Remedy: send it as NDJSON.", is_bomb=True),
    FileKind("zip", "rows.zip", lambda: _zipped("rows.ndjson", good(4)), _UNKNOWN),
    FileKind("zip bomb", "bomb.zip", lambda: _zipped("rows.ndjson", bytes(_MANY)), _UNKNOWN, is_bomb=True),
    FileKind("path traversal in a zip", "up.zip", lambda: _zipped("../../up.ndjson", good(4)), _UNKNOWN),
    FileKind("path traversal in a tar", "up.tar.gz", lambda: _tarred("../../up.ndjson", good(4)), _UNKNOWN),
    FileKind("zip under the name of NDJSON", "zip.ndjson", lambda: _zipped("a", b"a"), rows=(1, 1)),
    FileKind("xlsx", "rows.xlsx", lambda: _zipped(_SHEET, b"<worksheet/>"), _UNKNOWN),
    FileKind("xlsx bomb", "bomb.xlsx", lambda: _zipped(_SHEET, bytes(_MANY)), _UNKNOWN, is_bomb=True),
    FileKind("xlsx under the name of CSV", "sheet.csv", lambda: _zipped(_SHEET, b"<worksheet/>"),
             "not UTF-8 at byte"),
    FileKind("XML with an external entity", "entity.xml", _plain(_XXE), _UNKNOWN),
    FileKind("XML with entities of entities", "laughs.xml", _plain(_LAUGHS), _UNKNOWN, is_bomb=True),
)  # fmt: skip
TABLES = (
    FileKind("Parquet bomb: one value in every row", "value.parquet",
             partial(_repeated, 10_000_000, 20_000),
             "too large to unpack. Remedy: send it in parts.", is_bomb=True),
    FileKind("Parquet bomb: a smaller value in every row", "values.parquet",
             partial(_repeated, 10_000, 1_000_000), _UNPACKED, is_bomb=True),
    FileKind("Parquet bomb: more rows than bytes", "rows.parquet", _many_rows, "more than 1000000 rows",
             is_bomb=True),
    FileKind("Parquet bomb: a page of 150 MB", "page.parquet", _large_page,
             "too large to unpack. Remedy: send it in parts.", is_bomb=True),
    FileKind("Parquet bomb: 100 columns of nothing", "wide.parquet", _wide, _UNPACKED, is_bomb=True),
    FileKind("truncated Parquet", "cut.parquet", lambda: _small()[:-20], "not a Parquet file"),
    FileKind("Parquet whose footer lies", "footer.parquet", _lying_footer, "not a Parquet file"),
    FileKind("Parquet with a broken page", "spoilt.parquet", _spoilt_page, "not a Parquet file"),
    FileKind("text under the name of Parquet", "text.parquet", partial(good, 4), "not a Parquet file"),
    FileKind("Parquet without a row", "none.parquet", lambda: _table(pa.table({"a": pa.nulls(0)}))),
)  # fmt: skip
TEXTS = (
    FileKind("CSV with an unclosed quote", "quote.csv", _plain(_csv("a,b", '1,"2', "3,4")),
             "line 3: unexpected end of data. Remedy: close every quote"),
    FileKind("CSV with text after a quote", "after.csv", _plain(_csv("a,b", '"1"x,2')),
             "line 2: ',' expected"),
    FileKind("CSV in Windows-1258", "windows.csv", lambda: "a,b\nĐà,1".encode("cp1258"),
             "not UTF-8 at byte 4. Remedy: save it as UTF-8."),
    FileKind("CSV in UTF-16", "utf16.csv", lambda: "a,b\nĐã,1".encode("utf-16"), "not UTF-8 at byte 0"),
    FileKind("CSV row of 20 MB", "row.csv.gz",
             lambda: gzip.compress(b"a\n" + b"x" * 20_000_000, 1, mtime=0),
             "line 2: a row of more than 12000000 characters", is_bomb=True),
    FileKind("CSV row of many quoted lines", "quoted.csv.gz",
             lambda: gzip.compress(b'a\n"' + b"x\n" * 8_000_000 + b'"', 1, mtime=0),
             "a row of more than 12000000 characters", is_bomb=True),
    FileKind("CSV of 5 million columns", "columns.csv.gz",
             lambda: gzip.compress(b"ab," * 5_000_000, 1, mtime=0), "or 10000 commas", is_bomb=True),
    FileKind("CSV with a header alone", "header.csv", _plain(b"MaHoSo,MaTTHC\n")),
    FileKind("CSV whose header names a column twice", "twice.csv",
             _plain(_csv("MaHoSo,MaHoSo", "1,2")), rows=(1, 1)),
    FileKind("page of 25 MB", "page.json", lambda: b'{"data":["' + b"x" * 25_000_000 + b'"]}',
             "a page of more than 20000000 bytes", is_bomb=True),
    FileKind("page of 6 million values", "values.json.gz",
             lambda: gzip.compress(b'{"data":[' + b"[]," * 6_000_000 + b"[]]}", 1, mtime=0),
             rows=(1, 1)),
    FileKind("page that is cut", "cut.json", _plain(b'{"data": [{"MaHoSo": "H26'), rows=(1, 1)),
    FileKind("page whose items are no list", "items.json", _plain(b'{"data": {"MaHoSo": "H26"}}'),
             rows=(1, 1)),
    FileKind("two pages in one file", "pages.json", _plain(b'{"data": []}{"data": []}'), rows=(1, 1)),
    FileKind("page with no items", "none.json", _plain(b'{"data": []}')),
    FileKind("page in UTF-16", "utf16.json",
             lambda: json.dumps({"data": [birth(9_005, 900_005)]}).encode("utf-16"), rows=(1, 0)),
    FileKind("page after a BOM", "bom.json",
             lambda: json.dumps({"data": [birth(9_006, 900_006)]}).encode("utf-8-sig"), rows=(1, 0)),
    FileKind("lines after a BOM", "bom.ndjson", lambda: b"\xef\xbb\xbf" + good(7), rows=(1, 0)),
    FileKind("lines that end in CR LF", "crlf.ndjson", lambda: good(8).replace(b"\n", b"\r\n"), rows=(1, 0)),
    FileKind("lines in UTF-16", "utf16.ndjson", lambda: '{"a": "ạ"}\n'.encode("utf-16"), rows=(2, 2)),
    FileKind("empty file", "empty.ndjson", _plain(b"")),
    FileKind("empty gzip", "empty.ndjson.gz", lambda: gzip.compress(b"", mtime=0)),
    FileKind("file of NULs", "nul.ndjson", _plain(bytes(1_000_000)), rows=(1, 1)),
    FileKind("file of 3 GB", "endless.ndjson", _plain(b""), "has more than 2000000000 bytes",
             through=(FOLDER,), place=_endless),
    FileKind("file of blank lines", "blank.ndjson", _plain(b"\n \n\t\n")),
)  # fmt: skip
NAMES = (
    FileKind("no format in the name", "README", _plain(b"read me"), _UNKNOWN),
    FileKind("shell in the name", "$(touch x);`id`.ndjson", partial(good, 10), rows=(1, 0)),
    FileKind("an option for a name", "-rf.ndjson", partial(good, 11), rows=(1, 0)),
    FileKind("line break in the name", "a\nb.ndjson", partial(good, 12), rows=(1, 0), through=(FOLDER,)),
    FileKind("RTL override in the name", "\u202enosjdn.xslx.ndjson", partial(good, 13), rows=(1, 0)),
    FileKind("HTML in the name", "<b>&amp;'.ndjson", partial(good, 14), rows=(1, 0)),
    FileKind("path traversal by a link", "link.ndjson", _plain(b""), "links are not followed",
             through=(FOLDER,), place=_linked),
    FileKind("a path for a key", "sub/folder/rows.ndjson", partial(good, 15), rows=(1, 0), through=(BUCKET,)),
    FileKind("two endings", "rows.ndjson.exe", partial(good, 4), _UNKNOWN),
)  # fmt: skip
FILES = (*PACKED, *TABLES, *TEXTS, *NAMES)
