"""Whether a file can be taken: its container alone, never a row in it."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import subprocess
import sys
import zlib
from typing import IO, cast

from jobs.landing import probe
from jobs.landing.forms import ENDINGS
from jobs.landing.rows import MAX_PAGE_BYTES
from jobs.landing.spreadsheet import Spreadsheet

MAX_PLAIN_BYTES = 2_000_000_000
"""Of a file, and of what a packed one unpacks to."""
_FEW_PLAIN_BYTES = 64_000_000
_MOST_PACKED = 200
"""Times its own size that a packed file may unpack to, unless that is little."""
_FEW_ROWS = 1_000_000
_PART = 1 << 20
IN_PARTS = "Remedy: send it in parts."


def refusal_of(data: bytes, form: str) -> str | None:
    """Why a file cannot be taken; None when it can. Never its name, which may be a person's.

    Only the container is judged here: a bad row inside a good file is conform's.
    """
    if not form:
        return f"unknown format. Remedy: send one of {', '.join(ENDINGS)}."
    if form.endswith(".gz"):
        try:
            size = _plain_size(data)
        except (OSError, EOFError, zlib.error) as error:
            return f"the gzip stream is broken ({type(error).__name__}). Remedy: send the file again."
        if size > (most := _most_plain_bytes(data)):
            return f"more than {most} bytes when unpacked. {IN_PARTS}"
    else:
        size = len(data)
    if form.removesuffix(".gz") == "json" and size > MAX_PAGE_BYTES:
        return f"a page of more than {MAX_PAGE_BYTES} bytes. Remedy: send it as NDJSON."
    if form == "parquet":
        return _parquet_refusal(data)
    if form.removesuffix(".gz") == "csv":
        return _csv_refusal(data, form)
    return None


def _parquet_refusal(data: bytes) -> str | None:
    most_rows, most_bytes = max(_FEW_ROWS, len(data)), _most_plain_bytes(data)
    command = [sys.executable, "-P", probe.__file__, str(most_rows), str(most_bytes)]
    # The program and what it is told are our own; the file comes by its input.
    found = subprocess.run(  # noqa: S603
        command, input=data, env=probe.ENVIRONMENT, capture_output=True, check=False
    )
    return {
        "good": None,
        "rows": f"more than {most_rows} rows in {len(data)} bytes. Remedy: send what it holds, in parts.",
        "bytes": f"more than {most_bytes} bytes when unpacked. {IN_PARTS}",
        "broken": "not a Parquet file, or a broken one. Remedy: send the file again.",
    }.get(found.stdout.decode(), f"its rows are too large to unpack. {IN_PARTS}")


def _csv_refusal(data: bytes, form: str) -> str | None:
    lines = Spreadsheet(_plain(data, form))
    try:
        for _ in lines:
            pass
    except UnicodeDecodeError:
        return f"not UTF-8 at byte {_not_utf8(_plain(data, form))}. Remedy: save it as UTF-8."
    except csv.Error as error:
        return f"line {lines.line}: {error}. Remedy: close every quote, keep rows short, send it again."
    return None


def _plain(data: bytes, form: str) -> IO[bytes]:
    stream = io.BytesIO(data)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if form.endswith(".gz") else stream


def _not_utf8(stream: IO[bytes]) -> int | None:
    """Place of the first byte that no UTF-8 text can have there; None when it is one."""
    decoder, read = codecs.getincrementaldecoder("utf-8")(), 0
    while True:
        part = stream.read(_PART)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            return read - pending + error.start
        if not part:
            return None
        read += len(part)


def _most_plain_bytes(data: bytes) -> int:
    """How much a packed file may unpack to: text packs to a tenth, nothing honest to a thousandth."""
    return min(MAX_PLAIN_BYTES, max(_FEW_PLAIN_BYTES, _MOST_PACKED * len(data)))


def _plain_size(data: bytes) -> int:
    """Bytes when unpacked, as far as the file may go."""
    size, most = 0, _most_plain_bytes(data)
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        while chunk := stream.read(_PART):
            size += len(chunk)
            if size > most:
                break
    return size
