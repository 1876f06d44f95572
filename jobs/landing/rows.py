"""Rows of a landed object, from its bytes alone: what conform reads and the ledger recounts."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import IO, Any, cast

from jobs.landing.archives import members
from jobs.landing.content import PART, Data, kept, opened, parts_of, sha256_of
from jobs.landing.decoding import canonical_json, decoded, written_anew
from jobs.landing.edxml import NoMessage, head_of, message_of
from jobs.landing.forms import plain
from jobs.landing.markup import xml_rows
from jobs.landing.records import ERASED, MAX_ROW_CHARACTERS, TOLD_BYTES, LandedRow, row_of, unreadable
from jobs.landing.tables import csv_rows, parquet_rows, sheet_rows
from schemas.forms import MESSAGE
from schemas.layout import Layout

MAX_PAGE_BYTES = 20_000_000
"""A page is decoded whole; 5 000 dossiers of 4 KB are as long."""
_MAX_LINE_BYTES = 4 * MAX_ROW_CHARACTERS


def rows_of(data: Data, form: str, layout: Layout) -> Iterator[LandedRow]:
    """The rows of an object, each at a place of its own from 1 on. Never raises on bad content.

    What cannot be read from some place on is one unreadable row, after those before it. Lines and elements
    are unpacked one at a time: memory holds a row and what is read ahead, whatever the object unpacks to. A
    page is read whole, a table in batches. Rows of an archive are those of its files, by the order of their
    names, counted on.

    Args:
        data: The object as landed.
        form: One of ``schemas.forms.FORMS``, ``edxml`` (one message), or ``rows.gz`` (what
            ``without`` left of another form).
        layout: How it is laid out, as ``manifests.layout_of`` tells it.
    """
    number = 0
    try:
        for row in READERS[plain(form)](_opened(data, form), layout):
            number = row.row_no
            yield row
    except MemoryError:
        raise
    # Bytes alone decide what a reader meets, and its libraries have faults of their own kinds.
    except Exception as error:  # noqa: BLE001
        beginning = opened(data).read(TOLD_BYTES)
        yield unreadable(number + 1, beginning, f"{form}: {type(error).__name__}", sha256_of(data))


def _opened(data: Data, form: str) -> IO[bytes]:
    """An object's plain bytes; a packed one is read through first, since its checksum stands at its end."""
    if plain(form) == form:
        return opened(data)
    with gzip.GzipFile(fileobj=opened(data)) as whole:
        for _ in parts_of(cast("IO[bytes]", whole)):
            pass
    return cast("IO[bytes]", gzip.GzipFile(fileobj=opened(data)))


def page_of(data: bytes) -> Any:
    """The value of a page's JSON.

    Raises:
        ValueError: It is not JSON, or longer than any page may be.
    """
    if len(data) > MAX_PAGE_BYTES:
        raise ValueError(f"a page of more than {MAX_PAGE_BYTES} bytes")
    return decoded(data, is_page=True)


def items_of(page: Any, layout: Layout) -> list[Any]:
    """The items of a page.

    Raises:
        ValueError: It has no list where the layout says.
    """
    for step in layout.items.split(".") if layout.items else ():
        page = page.get(step) if isinstance(page, dict) else None
    if not isinstance(page, list):
        raise ValueError("the page has no list of items")  # noqa: TRY004  (its content is wrong, not the call)
    return page


def _page(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    data = stream.read(MAX_PAGE_BYTES + 1)
    try:
        items = items_of(page_of(data), layout)
    except ValueError:
        yield unreadable(1, data, "the page is not JSON with a list of items")
        return
    for number, item in enumerate(items, 1):
        yield row_of(number, item, None, layout, written_anew)


def _lines(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    number, bom = 0, b"\xef\xbb\xbf"
    while line := stream.readline(_MAX_LINE_BYTES):
        rest = _rest_of(stream, line)
        line, bom = line.removeprefix(bom).removesuffix(b"\n"), b""
        if not line.strip() and rest is None:
            continue
        number += 1
        if rest is not None:
            yield unreadable(number, line, "the row is too large", rest)
            continue
        try:
            item = decoded(line, is_page=False)
        except ValueError:
            yield unreadable(number, line, "the line is not JSON in UTF-8")
        else:
            yield row_of(number, item, line, layout, written_anew)


def _rest_of(stream: IO[bytes], line: bytes) -> str | None:
    """SHA-256 of a line that is longer than any row may be, whose rest is read past; None for others."""
    if len(line) < _MAX_LINE_BYTES or line.endswith(b"\n"):
        return None
    digest = hashlib.sha256(line)
    while not line.endswith(b"\n") and (line := stream.readline(PART)):
        digest.update(line)
    return digest.hexdigest()


def _archive(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    before = 0
    for member in members(stream):
        mine, last = layout.of_member(member.name), 0
        for row in READERS[member.form](member.opened(), mine):
            last = row.row_no
            yield replace(row, row_no=before + last, member=member.name)
        before += last


def _message(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    """The one row of a message; where it cannot be read, without its attachments."""
    try:
        item = message_of(stream)
    except NoMessage as error:
        stream.seek(0)
        data = stream.read()
        yield unreadable(1, head_of(data), str(error), hashlib.sha256(data).hexdigest())
    else:
        yield row_of(1, item, None, layout)


def without(data: Data, form: str, layout: Layout, erased: Collection[int], mark: str) -> Data:
    """An object in the form ``rows.gz``, with a tombstone at the places of the erased rows.

    The other rows keep their place, raw text and digest; rows erased before stay so.

    Args:
        data: The object as landed.
        form: Its form.
        layout: Its layout.
        erased: Numbers of the rows to erase.
        mark: Names the object and the erasure, so that no two tombstones are equal.
    """
    return kept(_packed(_told(row, erased, mark) for row in rows_of(data, form, layout)))


def _told(row: LandedRow, erased: Collection[int], mark: str) -> str:
    if row.error == ERASED:
        return row.raw
    if row.row_no in erased:
        return canonical_json({"row_no": row.row_no, "erased": mark})
    told = {"row_no": row.row_no, "raw": row.raw, "digest": row.content_digest, "error": row.error}
    return canonical_json(told)


def _packed(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines as gzip, without an instant in it."""
    packer = zlib.compressobj(wbits=31)
    for line in lines:
        yield packer.compress(f"{line}\n".encode())
    yield packer.flush()


def _rows(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    del layout  # The digests are told.
    for line in stream:
        told = json.loads(line)
        if "erased" in told:
            raw = line.decode().removesuffix("\n")
            yield LandedRow(told["row_no"], raw, hashlib.sha256(raw.encode()).hexdigest(), ERASED, None)
        else:
            record = None if told["error"] else decoded(told["raw"].encode(), is_page=False)
            yield LandedRow(told["row_no"], told["raw"], told["digest"], told["error"], record)


READERS = {
    "json": _page,
    "ndjson": _lines,
    "csv": csv_rows,
    "xml": xml_rows,
    "xlsx": sheet_rows,
    "parquet": parquet_rows,
    "zip": _archive,
    MESSAGE: _message,
    "rows": _rows,
}
"""By the format of plain bytes; each raises where the rest of them cannot be read."""
