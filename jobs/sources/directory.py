"""Files in a folder, below a bucket's prefix or on an SFTP server."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from jobs.landing.content import Data, kept_in, sha256_of, spool
from jobs.landing.forms import IN_PARTS, MAX_PLAIN_BYTES, form_of
from jobs.settings import Settings
from jobs.sources import settled
from jobs.sources.delivery import Piece, Request
from jobs.sources.folders import FORBIDDEN, Entry, Folder, opened
from jobs.sources.model import Feed
from schemas import dialect as dialects
from schemas.registry import ROWS

NOUNS = frozenset(contract.info.noun for contract in ROWS)
"""What the rows of a pattern's files are where they say their procedure, or have none."""


class DirectorySource:
    """Takes every file that matches a pattern, is whole, and was not landed before in the same content."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        """The folder, bucket or server that the feed's URL names; it is opened when it is asked."""
        self._feed = feed
        self._settings = settings

    def pieces(self, request: Request) -> Generator[Piece, None, None]:
        """New and changed files in the order of their names; those that are not read with the reason.

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
                if (entry.shown, sha256_of(data)) in request.known:
                    if unread is None:
                        request.met(entry.shown, entry.stamp)
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

    def read(self, entry: Entry) -> Piece | None:
        """A file as it would be landed; None where it changes meanwhile."""
        with opened(self._feed, self._settings) as folder:
            data, unread = _content(folder, entry)
        return None if data is None else self._piece(entry, data, unread, {})

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

    def _piece(self, entry: Entry, data: Data, unread: str | None, resume: dict[str, Any]) -> Piece:
        procedure = self._procedure(entry.name)
        return Piece(
            name=entry.shown,
            data=data,
            form=dialects.load(self._feed.dialect).file_form or form_of(entry.name) or "",
            procedure=None if procedure in NOUNS else procedure,
            refusal=unread,
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


def _content(folder: Folder, entry: Entry) -> tuple[Data | None, str | None]:
    """A file's content, None where it changed meanwhile; or nothing, and why it is not even read."""
    if entry.refusal is not None:
        return b"", entry.refusal
    if entry.size > MAX_PLAIN_BYTES:
        return b"", f"it has more than {MAX_PLAIN_BYTES} bytes. {IN_PARTS}"
    content = spool()
    try:
        is_same = folder.read(entry, content)
    except PermissionError:
        return b"", FORBIDDEN
    return (kept_in(content) if is_same else None), None
