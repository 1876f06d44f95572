"""Files in a folder, below a bucket's prefix or on an SFTP server."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import IO, Any, cast

from jobs.landing import edxml, probe
from jobs.landing.rows import MAX_PAGE_BYTES
from jobs.landing.spreadsheet import Spreadsheet
from jobs.settings import Settings
from jobs.sources import settled
from jobs.sources.delivery import Piece, Request
from jobs.sources.folders import FORBIDDEN, Entry, Folder, opened
from jobs.sources.model import Feed
from schemas import dialect as dialects
from schemas.registry import ROWS

FORMS = (".ndjson.gz", ".ndjson", ".csv.gz", ".csv", ".parquet", ".json.gz", ".json")
"""Endings of the names of files that can be taken."""
NOUNS = frozenset(contract.info.noun for contract in ROWS)
"""What the rows of a pattern's files are where they say their procedure, or have none."""
_MAX_PLAIN_BYTES = 2_000_000_000
_FEW_PLAIN_BYTES = 64_000_000
_MOST_PACKED = 200
"""Times its own size that a packed file may unpack to, unless that is little."""
_FEW_ROWS = 1_000_000
_PART = 1 << 20
_IN_PARTS = "Remedy: send it in parts."


class DirectorySource:
    """Takes every file that matches a pattern, is whole, and was not landed before in the same content."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """The folder, bucket or server that the feed's URL names; it is opened when it is asked."""
        self._feed = feed
        self._settings = settings

    def pieces(self, request: Request) -> Iterator[Piece]:
        """New and changed files in the order of their names; broken ones with the reason of refusal.

        A file that is not whole yet, or changes while it is read, waits for a later pull.
        """
        done = set(request.resume.get("names", []))
        with opened(self._feed, self._settings) as folder:
            whole, looks = self._sorted_out(self._listed(folder), request)
            request.saw(looks)
            for entry in whole:
                if entry.shown in done:
                    continue
                data, unread = _content(folder, entry)
                if data is None:
                    looks[entry.shown] = settled.look(entry, request.at, settled.CHANGED)
                    request.saw(looks)
                    continue
                if (entry.shown, hashlib.sha256(data).hexdigest()) in request.known:
                    continue
                done.add(entry.shown)
                yield self._piece(entry, data, unread, {"names": sorted(done)})

    def seen(self, request: Request) -> Seen:
        """What is there now, for a person who looks."""
        with opened(self._feed, self._settings) as folder:
            listed = self._listed(folder)
        _, looks = self._sorted_out(listed, request)
        files = [entry for entry in listed if not self._is_marker(entry)]
        newest = max(files, key=lambda entry: entry.modified, default=None)
        return Seen(len(files), settled.waiting(looks), newest)

    def read(self, entry: Entry) -> tuple[bytes | None, str | None]:
        """A file's content, None where it changes meanwhile; or nothing, and why it is not even read."""
        with opened(self._feed, self._settings) as folder:
            return _content(folder, entry)

    def form_of(self, entry: Entry) -> str:
        """The format that the dialect states or the ending of a file's name tells; empty where none does."""
        named = next((form.removeprefix(".") for form in FORMS if entry.name.endswith(form)), "")
        return dialects.load(self._feed.dialect).file_form or named

    def _listed(self, folder: Folder) -> list[Entry]:
        """Files that a pattern matches, and markers."""
        return [
            entry
            for entry in folder.entries()
            if self._is_marker(entry) or self._procedure(entry.name) is not None
        ]

    def _is_marker(self, entry: Entry) -> bool:
        return self._feed.rule == "marker" and entry.name.endswith(settled.MARKER)

    def _sorted_out(
        self, listed: Sequence[Entry], request: Request
    ) -> tuple[list[Entry], dict[str, dict[str, Any]]]:
        """Files that are whole and were not landed before, and what was seen of the others."""
        unknown = [
            entry
            for entry in listed
            if entry.refusal is not None or (entry.shown, entry.stamp) not in request.stamps
        ]
        rule, minutes = self._feed.rule, self._feed.settle_minutes
        return settled.sorted_out(unknown, rule, request.looks, at=request.at, minutes=minutes)

    def _piece(self, entry: Entry, data: bytes, unread: str | None, resume: dict[str, Any]) -> Piece:
        form, procedure = self.form_of(entry), self._procedure(entry.name)
        return Piece(
            name=entry.shown,
            data=data,
            form=form,
            procedure=None if procedure in NOUNS else procedure,
            refusal=unread or refusal_of(data, form),
            resume=resume,
            stamp=None if unread else entry.stamp,
        )

    def _procedure(self, name: str) -> str | None:
        found = (procedure for pattern, procedure in self._feed.patterns.items() if fnmatch(name, pattern))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a folder finds."""

    files: int
    """Files that match, landed ones too."""
    waiting: Mapping[str, str]
    """Why some of them wait, by name."""
    newest: Entry | None
    """The one that was changed last, by the clock of who keeps it."""


def _content(folder: Folder, entry: Entry) -> tuple[bytes | None, str | None]:
    """A file's content, None where it changed meanwhile; or nothing, and why it is not even read."""
    if entry.refusal is not None:
        return b"", entry.refusal
    if entry.size > _MAX_PLAIN_BYTES:
        return b"", f"it has more than {_MAX_PLAIN_BYTES} bytes. {_IN_PARTS}"
    content = io.BytesIO()
    try:
        is_same = folder.read(entry, content)
    except PermissionError:
        return b"", FORBIDDEN
    return (content.getvalue() if is_same else None), None


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
    if form in _JUDGES:
        return _JUDGES[form](data)
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


_JUDGES: Mapping[str, Callable[[bytes], str | None]] = {
    "parquet": _parquet_refusal,
    "edxml": edxml.refusal_of,
}


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
