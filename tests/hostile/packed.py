"""Files in files: gzip, zip, workbooks and XML that are broken, lie, lead out, or are bombs."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from functools import partial

from tests.hostile.kinds import FileKind, birth, text_of
from tests.support.files import elements, workbook, zipped

UNKNOWN = "unknown format. Remedy: "
_NO_BOOK = "not a workbook, or a broken one"
_OUT = "its name leads out of the archive"
_DTD = "it declares a DTD. Remedy: send it without DOCTYPE and entities."
_BROKEN_GZIP = "the gzip stream is broken"
UNPACKED = "bytes when unpacked. Remedy: send it in parts."
_XXE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
_LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
_UTF_16 = ' encoding="UTF-16"?>'
_SHEET = "xl/worksheets/sheet1.xml"
_MANY = 70_000_000


def good(number: int) -> bytes:
    """One line of a good dossier, whose person has a serial of its own."""
    return text_of(birth(9_000 + number, 900_000 + number)).encode() + b"\n"


def plain(data: bytes) -> Callable[[], bytes]:
    """A file of these bytes."""
    return lambda: data


def _zeros(size: int) -> bytes:
    return gzip.compress(bytes(size), 1, mtime=0)


def _zipped(name: str, data: bytes) -> bytes:
    return zipped({name: data})


def _tarred(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def _spoilt_checksum() -> bytes:
    whole = gzip.compress(good(4), mtime=0)
    return whole[:-8] + b"\x00" * 4 + whole[-4:]


def _page(number: int) -> bytes:
    return json.dumps({"data": [birth(9_000 + number, 900_000 + number)]}).encode()


def _as_xml(number: int) -> bytes:
    item = birth(9_000 + number, 900_000 + number)
    return f'<?xml version="1.0"?><r>{elements("data", item)}</r>'.encode()


def _lying_zip() -> bytes:
    """An archive of 70 MB that says in both its places to hold ten bytes."""
    size, told = _MANY.to_bytes(4, "little"), (10).to_bytes(4, "little")
    return _zipped("rows.ndjson", bytes(_MANY)).replace(size, told)


def _with_sheet(
    change: Callable[[bytes], bytes], rows: Sequence[Sequence[str]] = (("MaHoSo",), ("H26",))
) -> bytes:
    """A workbook, its sheet's part written anew."""
    with zipfile.ZipFile(io.BytesIO(workbook(rows))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    return zipped(parts | {_SHEET: change(parts[_SHEET])})


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
    FileKind("gzip bomb", "bomb.ndjson.gz", partial(_zeros, _MANY), UNPACKED, is_bomb=True),
    FileKind("gzip bomb of CSV", "bomb.csv.gz", partial(_zeros, _MANY), UNPACKED, is_bomb=True),
    FileKind("gzip bomb of a page", "bomb.json.gz",
             lambda: gzip.compress(b'{"data":[' + b"[]," * 10_000_000 + b"[]]}", 1, mtime=0),
             "a page of more than 20000000 bytes. Remedy: send it as NDJSON.", is_bomb=True),
    FileKind("path traversal in a tar", "up.tar.gz", lambda: _tarred("../../up.ndjson", good(4)), UNKNOWN),
)  # fmt: skip
ARCHIVES = (
    FileKind("zip of files in three formats", "three.zip",
             lambda: zipped({"b/hai.ndjson": good(20), "a.xml": _as_xml(21), "c.json": _page(22)}),
             rows=(3, 0)),
    FileKind("zip with a line that is no JSON", "line.zip", lambda: _zipped("a.ndjson", b"no\n" + good(23)),
             rows=(2, 1)),
    FileKind("zip bomb", "bomb.zip", lambda: _zipped("rows.ndjson", bytes(_MANY)), UNPACKED, is_bomb=True),
    FileKind("zip bomb that lies about its size", "lies.zip", _lying_zip,
             "file 1 of the archive, by name: broken (BadZipFile)", is_bomb=True),
    FileKind("zip bomb of a page", "page.zip", lambda: _zipped("a.json", b'{"data":[' + b"[]," * 9_000_000),
             "a page of more than 20000000 bytes", is_bomb=True),
    FileKind("zip of 100 000 files", "many.zip", lambda: zipped({f"{n}.ndjson": b"" for n in range(100_000)}),
             "more than 1000 files in it", is_bomb=True),
    FileKind("zip in a zip", "twice.zip", lambda: _zipped("a.zip", _zipped("a.ndjson", good(4))),
             "it is packed itself. Remedy: put the files themselves into one archive."),
    FileKind("zip with a password", "secret.zip", lambda: zipped({"a.ndjson": good(4)}, flags=1),
             "it is encrypted. Remedy: send it without a password."),
    FileKind("zip packed by LZMA", "lzma.zip",
             lambda: zipped({"a.ndjson": good(4)}, method=zipfile.ZIP_LZMA), "packed by method 14"),
    FileKind("zip with one name twice", "names.zip", lambda: zipped({"a.ndjson": good(4)}, times=2),
             "two files in it have one name"),
    FileKind("zip with a link", "link.zip", lambda: zipped({"a.ndjson": b"/etc/passwd"}, mode=0o120777),
             "it is a link"),
    FileKind("zip with a file of no format", "read.zip", lambda: _zipped("README", b"read me"), UNKNOWN),
    FileKind("zip without a file", "none.zip", lambda: zipped({}), "an archive without a file"),
    FileKind("truncated zip", "cut.zip", lambda: _zipped("a.ndjson", good(4))[:-20], "not a zip archive"),
    FileKind("path traversal in a zip", "up.zip", lambda: _zipped("../../up.ndjson", good(4)), _OUT),
    FileKind("path from the root in a zip", "root.zip", lambda: _zipped("/etc/up.ndjson", good(4)), _OUT),
    FileKind("path of Windows in a zip", "drive.zip", lambda: _zipped("C:\\up.ndjson", good(4)), _OUT),
    FileKind("zip under the name of NDJSON", "zip.ndjson", lambda: _zipped("a", b"a"), rows=(1, 1)),
)  # fmt: skip
WORKBOOKS = (
    FileKind("xlsx with a header alone", "header.xlsx", lambda: workbook([["MaHoSo", "MaTTHC"]])),
    FileKind("xlsx that declares 17 thousand million cells", "declared.xlsx",
             lambda: _with_sheet(lambda part: part.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'),
                                 [["MaHoSo"], [""]])),
    FileKind("xlsx bomb", "bomb.xlsx", lambda: _with_sheet(lambda _: bytes(_MANY)), UNPACKED, is_bomb=True),
    FileKind("xlsx with a text of 60 MB", "text.xlsx",
             lambda: _with_sheet(lambda part: part.replace(b"H26", b"x" * 60_000_000)), "too large to unpack",
             is_bomb=True),
    FileKind("xlsx with a row beyond any sheet", "rows.xlsx",
             lambda: _with_sheet(lambda part: part.replace(b'r="2"', b'r="2000000000"')),
             "more than 1048576 rows", is_bomb=True),
    FileKind("xlsx with a cell beyond any column", "columns.xlsx",
             lambda: _with_sheet(lambda part: part.replace(b'r="A2"', b'r="XFD2"')), "or 10000 columns",
             is_bomb=True),
    FileKind("xlsx with a formula without its value", "formula.xlsx", lambda: workbook([["a"], ["=1+1"]]),
             "1 formulas without their values. Remedy: open it in a spreadsheet program and save it"),
    FileKind("xlsx with a title above its header", "title.xlsx",
             lambda: workbook([["DANH SÁCH"], ["MaHoSo", "MaTTHC"], ["H26", "1"]]),
             "row 1 names fewer columns than any row below has"),
    FileKind("xlsx with two sheets", "sheets.xlsx", lambda: workbook([["a"], [1]], [["a"], [2]]),
             "2 sheets have rows. Remedy: send each in a file of its own"),
    FileKind("xlsx with an error of the spreadsheet", "error.xlsx", lambda: workbook([["a"], ["#N/A"]]),
             rows=(1, 1)),
    FileKind("xlsx with an entity", "entity.xlsx",
             lambda: _with_sheet(lambda part: b'<!DOCTYPE a [<!ENTITY b "c">]>' + part.split(b"?>")[-1]),
             _NO_BOOK),
    FileKind("xlsx with a sheet alone", "alone.xlsx", lambda: _zipped(_SHEET, b"<worksheet/>"), _NO_BOOK),
    FileKind("xlsx that is old or encrypted", "old.xlsx", lambda: b"\xd0\xcf\x11\xe0" + bytes(600),
             "an old .xls, or encrypted. Remedy: save it as .xlsx, without a password."),
    FileKind("xls", "old.xls", lambda: b"\xd0\xcf\x11\xe0" + bytes(600),
             "Remedy: save the workbook as .xlsx or .csv."),
    FileKind("xlsx under the name of CSV", "sheet.csv", lambda: _zipped(_SHEET, b"<worksheet/>"),
             "not UTF-8 at byte"),
)  # fmt: skip
MARKUP = (
    FileKind("XML", "one.xml", lambda: _as_xml(24), rows=(1, 0)),
    FileKind("XML in UTF-16", "utf16.xml.gz",
             lambda: gzip.compress(_as_xml(25).decode().replace("?>", _UTF_16).encode("utf-16"), mtime=0),
             rows=(1, 0)),
    FileKind("XML whose items are elsewhere", "items.xml", lambda: _as_xml(4).replace(b"data>", b"datum>"),
             "no element at the path 'data' below the root. Remedy: state items"),
    FileKind("XML without an item", "none.xml", plain(b"<r/>")),
    FileKind("XML with an external entity", "entity.xml", plain(_XXE), _DTD),
    FileKind("XML with entities of entities", "laughs.xml", plain(_LAUGHS), _DTD, is_bomb=True),
    FileKind("XML that is cut", "cut.xml", lambda: _as_xml(4)[:-4], "line 1: not well-formed XML"),
    FileKind("XML in an encoding that nobody knows", "encoding.xml",
             plain(b'<?xml version="1.0" encoding="none"?><r/>'), "in an encoding that is not known"),
    FileKind("100 000-deep XML", "deep.xml", plain(b"<a>" * 100_000), "nested deeper than 100",
             is_bomb=True),
    FileKind("XML with an attribute of 60 MB", "attribute.xml.gz",
             lambda: gzip.compress(b'<r><data a="' + b"x" * 60_000_000 + b'"/></r>', 1, mtime=0),
             "a tag or comment of more than 12000000 bytes", is_bomb=True),
    FileKind("XML with a text of 60 MB", "text.xml.gz",
             lambda: gzip.compress(b"<r><data>" + b"x" * 60_000_000 + b"</data></r>", 1, mtime=0),
             "an item of more than 12000000 characters", is_bomb=True),
    FileKind("XML with an item of 5 million elements", "elements.xml.gz",
             lambda: gzip.compress(b"<r><data>" + b"<a/>" * 5_000_000, 1, mtime=0), "or 1000000 values",
             is_bomb=True),
    FileKind("gzip bomb of XML", "bomb.xml.gz", partial(_zeros, _MANY), UNPACKED, is_bomb=True),
)  # fmt: skip
