"""Files in a folder or below a bucket's prefix."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, cast

from minio import Minio

from jobs import objects
from jobs.errors import Unreachable
from jobs.landing import probe
from jobs.landing.rows import MAX_PAGE_BYTES
from jobs.landing.spreadsheet import Spreadsheet
from jobs.sources.delivery import Piece, Request
from jobs.sources.model import Feed

FORMS = (".ndjson.gz", ".ndjson", ".csv.gz", ".csv", ".parquet", ".json.gz", ".json")
"""Endings of the names of files that can be taken."""
_MAX_PLAIN_BYTES = 2_000_000_000
_FEW_PLAIN_BYTES = 64_000_000
_MOST_PACKED = 200
"""Times its own size that a packed file may unpack to, unless that is little."""
_FEW_ROWS = 1_000_000
_PART = 1 << 20
_IN_PARTS = "Remedy: send it in parts."
_OUTSIDE = "it leads out of the folder. Remedy: send the file, not a link."


class DirectorySource:
    """Takes every file that matches a pattern and was not landed before in the same content."""

    def __init__(self, feed: Feed, store: Minio) -> None:
        """The folder or prefix that the feed's URL names."""
        self._feed = feed
        self._store = store

    def pieces(self, request: Request) -> Iterator[Piece]:
        """New and changed files in the order of their names; broken ones with the reason of refusal."""
        done = set(request.resume.get("names", []))
        for name in self.names():
            procedure = self._procedure(name)
            if _storable(name) in done:
                continue
            shown, unread = _storable(name), self.unread(name)
            data = b"" if unread else self.read(name)
            if (shown, hashlib.sha256(data).hexdigest()) in request.known:
                continue
            done.add(shown)
            form = form_of(name)
            yield Piece(
                name=shown,
                data=data,
                form=form,
                procedure=None if procedure == "dossiers" else procedure,
                refusal=unread or refusal_of(data, form),
                resume={"names": sorted(done)},
            )

    def names(self) -> list[str]:
        """Names of the files that a pattern matches, in order."""
        return [name for name in self._names() if self._procedure(name) is not None]

    def _procedure(self, name: str) -> str | None:
        found = (procedure for pattern, procedure in self._feed.patterns.items() if fnmatch(name, pattern))
        return next(found, None)

    def _names(self) -> list[str]:
        if self._feed.url.startswith("s3://"):
            bucket, prefix = self._bucket()
            return [key.removeprefix(prefix) for key in objects.keys(self._store, bucket, prefix)]
        folder = Path(self._feed.url)
        if not folder.is_dir():
            raise Unreachable(
                f"{self._feed.feed_id}: the folder {folder} does not exist.", "mount or create it."
            )
        return sorted(file.name for file in folder.iterdir() if file.is_file())

    def unread(self, name: str) -> str | None:
        """Why a file is not even read; such a file is kept without its content."""
        if self._feed.url.startswith("s3://"):
            bucket, prefix = self._bucket()
            size = objects.size(self._store, bucket, prefix + name)
        else:
            path = self._path(name)
            if path.parent != Path(self._feed.url).resolve():
                return _OUTSIDE
            size = path.stat().st_size
        return f"it has more than {_MAX_PLAIN_BYTES} bytes. {_IN_PARTS}" if size > _MAX_PLAIN_BYTES else None

    def changed(self) -> dict[str, datetime | None]:
        """When each file was changed last, by name; None where the store does not tell."""
        if self._feed.url.startswith("s3://"):
            return dict.fromkeys(self.names())
        return {name: datetime.fromtimestamp(self._path(name).stat().st_mtime, UTC) for name in self.names()}

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        if self._feed.url.startswith("s3://"):
            bucket, prefix = self._bucket()
            return objects.get(self._store, bucket, prefix + name)
        return self._path(name).read_bytes()

    def _path(self, name: str) -> Path:
        return (Path(self._feed.url) / name).resolve()

    def _bucket(self) -> tuple[str, str]:
        bucket, _, prefix = self._feed.url.removeprefix("s3://").partition("/")
        return bucket, f"{prefix.rstrip('/')}/" if prefix else ""


def form_of(name: str) -> str:
    """The format that the ending of a file's name tells; empty where it tells none that can be taken."""
    return next((form.removeprefix(".") for form in FORMS if name.endswith(form)), "")


def _storable(name: str) -> str:
    """A file's name as text; bytes that are no UTF-8 are shown by their numbers."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def refusal_of(data: bytes, form: str) -> str | None:
    """Why a file cannot be taken; None when it can. Never its name, which may be a person's.

    Only the container is judged here: a bad row inside a good file is conform's.
    """
    if not form:
        return f"unknown format. Remedy: send one of {', '.join(FORMS)}."
    if form.endswith(".gz"):
        try:
            size = _plain_size(data)
        except (OSError, EOFError, zlib.error) as error:
            return f"the gzip stream is broken ({type(error).__name__}). Remedy: send the file again."
        if size > (most := _most_plain_bytes(data)):
            return f"more than {most} bytes when unpacked. {_IN_PARTS}"
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
        "bytes": f"more than {most_bytes} bytes when unpacked. {_IN_PARTS}",
        "broken": "not a Parquet file, or a broken one. Remedy: send the file again.",
    }.get(found.stdout.decode(), f"its rows are too large to unpack. {_IN_PARTS}")


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
    return min(_MAX_PLAIN_BYTES, max(_FEW_PLAIN_BYTES, _MOST_PACKED * len(data)))


def _plain_size(data: bytes) -> int:
    """Bytes when unpacked, as far as the file may go."""
    size, most = 0, _most_plain_bytes(data)
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        while chunk := stream.read(_PART):
            size += len(chunk)
            if size > most:
                break
    return size
