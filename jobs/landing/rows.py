"""Rows of a landed object, from its bytes alone: what conform reads and the ledger recounts."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

import pyarrow.parquet as pq

from jobs.landing.decoding import NamedTwice, canonical_json, decoded
from jobs.landing.edxml import NoMessage, head_of, message_of
from jobs.landing.probe import BATCH
from jobs.landing.spreadsheet import Spreadsheet
from schemas.layout import Layout

ERASED = "erased by law"
"""The error of a row of which an erasure left the place alone."""
MAX_PAGE_BYTES = 20_000_000
"""A page is decoded whole; 5 000 dossiers of 4 KB are as long."""
_MAX_ROW_CHARACTERS = 4_000_000
_MAX_LINE_BYTES = 4 * _MAX_ROW_CHARACTERS
_PART = 1 << 20


@dataclass(frozen=True, slots=True)
class LandedRow:
    """One row as received; ``error`` says why it cannot be read."""

    row_no: int
    raw: str
    content_digest: str
    error: str | None
    record: Mapping[str, Any] | None


def rows_of(data: bytes, form: str, layout: Layout) -> Iterator[LandedRow]:
    """The rows of an object, counted from 1. Never raises on bad content.

    What cannot be read from some place on is one unreadable row, after those before it. Lines are
    unpacked one at a time: memory holds the object as landed and a row, whatever it unpacks to. A page
    is read whole, a table in batches.

    Args:
        data: The object as landed.
        form: ``json`` (a page with a list of items), ``ndjson``, ``csv``, ``parquet``, ``edxml`` (one
            message), or ``rows`` (what ``without`` left of another form); ``.gz`` may follow.
        layout: Where a page's items are, and what of an item is its delivery's.
    """
    reader, number = _READERS[form.removesuffix(".gz")], 0
    try:
        for row in reader(_opened(data, form), layout):
            number = row.row_no
            yield row
    except MemoryError:
        raise
    # Bytes alone decide what a reader meets, and its libraries have faults of their own kinds.
    except Exception as error:  # noqa: BLE001
        yield _unreadable(number + 1, data, f"{form}: {type(error).__name__}")


def _opened(data: bytes, form: str) -> IO[bytes]:
    """An object's plain bytes; a packed one is read through first, since its checksum stands at its end."""
    if not form.endswith(".gz"):
        return io.BytesIO(data)
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as whole:
        while whole.read(_PART):
            pass
    return cast("IO[bytes]", gzip.GzipFile(fileobj=io.BytesIO(data)))


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
        yield _unreadable(1, data, "the page is not JSON with a list of items")
        return
    for number, item in enumerate(items, 1):
        yield _record(number, item, None, layout)


def _lines(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    number, bom = 0, b"\xef\xbb\xbf"
    while line := stream.readline(_MAX_LINE_BYTES):
        rest = _rest_of(stream, line)
        line, bom = line.removeprefix(bom).removesuffix(b"\n"), b""
        if not line.strip() and rest is None:
            continue
        number += 1
        if rest is not None:
            yield _unreadable(number, line, "the row is too large", rest)
            continue
        try:
            item = decoded(line, is_page=False)
        except ValueError:
            yield _unreadable(number, line, "the line is not JSON in UTF-8")
        else:
            yield _record(number, item, line, layout)


def _rest_of(stream: IO[bytes], line: bytes) -> str | None:
    """SHA-256 of a line that is longer than any row may be, whose rest is read past; None for others."""
    if len(line) < _MAX_LINE_BYTES or line.endswith(b"\n"):
        return None
    digest = hashlib.sha256(line)
    while not line.endswith(b"\n") and (line := stream.readline(_PART)):
        digest.update(line)
    return digest.hexdigest()


def _csv(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    table = iter(Spreadsheet(stream))
    header = next(table, [])
    names = [*filter(None, header), *{name.partition(".")[0] for name in header if "." in name}]
    for number, cells in enumerate(table, 1):
        if cells and len(names) != len(set(names)):
            yield _unreadable(number, ",".join(cells).encode(), "the header names a column twice")
        elif len(cells) == len(header):
            yield _record(number, _nested(dict(zip(header, cells, strict=True))), None, layout)
        elif cells:
            yield _unreadable(number, ",".join(cells).encode(), "the row has another number of columns")


def _nested(cells: Mapping[str, str]) -> dict[str, Any]:
    """Cells by name; ``Group.Field`` stands for the field of a group's only item."""
    record: dict[str, Any] = {}
    for name, value in cells.items():
        group, dot, field = name.partition(".")
        if dot:
            record.setdefault(group, [{}])[0][field] = value
        else:
            record[name] = value
    return record


def _parquet(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    number = 0
    for batch in pq.ParquetFile(stream).iter_batches(batch_size=BATCH):
        for item in batch.to_pylist():
            number += 1
            yield _record(number, item, None, layout)


def _message(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    """The one row of a message; where it cannot be read, without its attachments."""
    try:
        item = message_of(stream)
    except NoMessage as error:
        stream.seek(0)
        data = stream.read()
        yield _unreadable(1, head_of(data), str(error), hashlib.sha256(data).hexdigest())
    else:
        yield _record(1, item, None, layout)


def without(data: bytes, form: str, layout: Layout, erased: Collection[int], mark: str) -> bytes:
    """An object in the form ``rows.gz``, with a tombstone at the places of the erased rows.

    The other rows keep their place, raw text and digest; rows erased before stay so.

    Args:
        data: The object as landed.
        form: Its form.
        layout: Its layout.
        erased: Numbers of the rows to erase.
        mark: Names the object and the erasure, so that no two tombstones are equal.
    """
    lines = []
    for row in rows_of(data, form, layout):
        if row.error == ERASED:
            lines.append(row.raw)
        elif row.row_no in erased:
            lines.append(canonical_json({"row_no": row.row_no, "erased": mark}))
        else:
            told = {"row_no": row.row_no, "raw": row.raw, "digest": row.content_digest, "error": row.error}
            lines.append(canonical_json(told))
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


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


_READERS = {"json": _page, "ndjson": _lines, "csv": _csv, "parquet": _parquet, "rows": _rows} | {
    "edxml": _message
}


def _record(number: int, item: object, line: bytes | None, layout: Layout) -> LandedRow:
    delivery, rest = _parted(item, layout)
    try:
        content, envelope = canonical_json(rest), canonical_json(delivery)
        encoded = content.encode()
        envelope.encode()
    except (ValueError, TypeError) as error:
        return _unreadable(number, line or repr(item).encode(errors="replace"), _fault_of(error))
    if not isinstance(item, dict):
        return _unreadable(number, line or encoded, "the row is not an object")
    if len(content) + len(envelope) > _MAX_ROW_CHARACTERS:
        digest = hashlib.sha256(encoded).hexdigest()
        return _unreadable(number, encoded[:1000], "the row is too large", digest)
    raw = line.decode() if line is not None else _enveloped(envelope, content)
    return LandedRow(number, raw, hashlib.sha256(encoded).hexdigest(), None, item)


def _fault_of(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "the row is not Unicode text"
    if isinstance(error, NamedTwice):
        return "the row names a key twice"
    return "the row has a value that is not JSON"


def _parted(item: Any, layout: Layout) -> tuple[dict[str, Any], Any]:
    """What belongs to an item's delivery, and its content."""
    delivery = {key: item[key] for key in layout.delivery if key in item} if isinstance(item, dict) else {}
    if not delivery:
        return delivery, item
    return delivery, {key: value for key, value in item.items() if key not in delivery}


def _enveloped(envelope: str, content: str) -> str:
    """JSON of an item: its envelope, then its content; each is written once."""
    parts = [part[1:-1] for part in (envelope, content) if part != "{}"]
    return f"{{{','.join(parts)}}}"


def _unreadable(number: int, data: bytes, why: str, digest: str | None = None) -> LandedRow:
    """A row that cannot be read; the digest is that of the data unless these are only its beginning."""
    told = digest or hashlib.sha256(data).hexdigest()
    return LandedRow(number, data[:100_000].decode("utf-8", errors="replace"), told, why, None)


def corrected(
    record: Mapping[str, Any], changes: Sequence[tuple[Sequence[str | int], str | None]]
) -> dict[str, Any]:
    """A copy of a record with values replaced at their places; a missing place is made.

    Args:
        record: The record as received.
        changes: (path of keys and list indexes, new text).
    """
    copy: dict[str, Any] = json.loads(canonical_json(record))
    for path, text in changes:
        copy = _with(copy, path, text)
    return copy


def _with(node: Any, path: Sequence[str | int], text: str | None) -> Any:
    """The node with a text at a place; a lone object is its own first item, anything else gives way."""
    if not path:
        return text
    step, *rest = path
    if isinstance(step, str):
        fields = node if isinstance(node, dict) else {}
        return {**fields, step: _with(fields.get(step), rest, text)}
    if isinstance(node, dict) and step == 0:
        return _with(node, rest, text)
    items = node if isinstance(node, list) else [] if node is None else [node]
    items = [*items, *({} for _ in range(step + 1 - len(items)))]
    return [*items[:step], _with(items[step], rest, text), *items[step + 1 :]]
