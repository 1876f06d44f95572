"""How files are examined: in a folder, below a bucket's prefix or on an SFTP server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from jobs import ops
from jobs.landing.content import size_of
from jobs.landing.rows import rows_of
from jobs.settings import Settings
from jobs.sources.delivery import Request, Window
from jobs.sources.directory import DirectorySource
from jobs.sources.earlier import Earlier, earlier
from jobs.sources.examination import SAMPLE, Doubt, Look, Seen
from jobs.sources.folders import Entry
from jobs.sources.model import Feed, layout_of
from jobs.sources.reaching import address, connected, known, named

_MOST_BYTES = 64_000_000
"""Of a file that is looked into."""
_TELL = "tell the province."


def looks(settings: Settings, feed: Feed, at: datetime, seen: Seen) -> Iterator[Look]:
    """Whether the place is there and lets us in, what waits, and what the newest file holds."""
    is_remote = feed.url.startswith("sftp://")
    if is_remote:
        yield "name", lambda: named(feed)
        _, host, port = address(feed)
        yield "connection", lambda: connected(host, port)
    if feed.credentials is not None:
        yield "credentials", lambda: known(settings, feed)
    if is_remote:
        yield "host key", lambda: _logged_in(settings, feed)
    newest: list[Entry] = []
    kind = "bucket" if feed.url.startswith("s3://") else "folder"
    yield kind, lambda: _files(settings, feed, at, seen, newest)
    if newest:
        yield "file", lambda: _newest(settings, feed, newest[0], seen)


def _logged_in(settings: Settings, feed: Feed) -> str:
    from jobs.sources.sftp import SftpFolder  # noqa: PLC0415  (SSH is imported by those who speak it)

    with SftpFolder(feed, settings) as folder:
        return f"{folder.fingerprint()} is pinned, and the server takes our credentials"


def _files(settings: Settings, feed: Feed, at: datetime, seen: Seen, newest: list[Entry]) -> str:
    """How many match and how many wait; the newest is left in the list, if it does not wait."""
    before = earlier(ops.engine(settings), feed) if feed.rule == "size" else Earlier()
    request = Request(Window(), {}, before.known, at, stamps=before.stamps, looks=before.looks)
    found = DirectorySource(feed, settings).seen(request)
    told = f"{found.files} files match in {Path(feed.url).name or feed.url}"
    if found.newest is not None:
        changed = datetime.fromtimestamp(found.newest.modified, UTC)
        seen.newest = changed
        newest += [] if found.newest.shown in found.waiting else [found.newest]
        told += f", the newest of {changed:%Y-%m-%d %H:%M} UTC"
        told += f" ({found.newest.shown})" if seen.names else ""
    for why, number in sorted(Counter(found.waiting.values()).items()):
        told += f"; {number} wait: {why}"
    if seen.names and found.waiting:
        told += f": {', '.join(sorted(found.waiting))}"
    return told


def _newest(settings: Settings, feed: Feed, entry: Entry, seen: Seen) -> str:
    """What the newest file is; its name, which may be a person's, is not told.

    Raises:
        Doubt: It cannot be taken: the files before it can.
    """
    if entry.refusal is None and entry.size > _MOST_BYTES:
        return f"{entry.size} bytes: too long to look into"
    piece, layout = DirectorySource(feed, settings).read(entry), layout_of(feed)
    if piece is None:
        return "it changes just now"
    found = piece.judged(layout)
    if found.refusal is not None:
        raise Doubt(f"the newest file is refused: {found.refusal}", _TELL)
    rows = [*islice(rows_of(piece.data, piece.form, replace(layout, **found.layout)), SAMPLE)]
    seen.records = [row.record for row in rows if row.record is not None]
    if bad := len(rows) - len(seen.records):
        raise Doubt(f"of the first {len(rows)} rows {bad} cannot be read", _TELL)
    return f"{piece.form}, {size_of(piece.data)} bytes, the first {len(rows)} rows can be read"
