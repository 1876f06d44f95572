"""Files in a folder or below a bucket's prefix."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from minio import Minio

from jobs import objects
from jobs.errors import Unreachable
from jobs.landing.containers import IN_PARTS
from jobs.landing.content import Data, kept, parts_of, sha256_of
from jobs.landing.forms import MAX_PLAIN_BYTES, form_of
from jobs.sources.delivery import Piece, Request
from jobs.sources.model import Feed

_OUTSIDE = "it leads out of the folder. Remedy: send the file, not a link."


class DirectorySource:
    """Takes every file that matches a pattern and was not landed before in the same content."""

    def __init__(self, feed: Feed, store: Minio) -> None:
        """The folder or prefix that the feed's URL names."""
        self._feed = feed
        self._store = store

    def pieces(self, request: Request) -> Iterator[Piece]:
        """New and changed files in the order of their names; those that are not read with the reason."""
        done = set(request.resume.get("names", []))
        for name in self.names():
            procedure = self._procedure(name)
            if _storable(name) in done:
                continue
            shown, unread = _storable(name), self._refused_unread(name)
            data = b"" if unread else self._read(name)
            if (shown, sha256_of(data)) in request.known:
                continue
            done.add(shown)
            yield Piece(
                name=shown,
                data=data,
                form=form_of(name) or "",
                procedure=None if procedure == "dossiers" else procedure,
                refusal=unread,
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

    def _refused_unread(self, name: str) -> str | None:
        """Why a file is not even read; such a file is kept without its content."""
        if self._feed.url.startswith("s3://"):
            bucket, prefix = self._bucket()
            size = objects.size(self._store, bucket, prefix + name)
        else:
            path = self._path(name)
            if path.parent != Path(self._feed.url).resolve():
                return _OUTSIDE
            size = path.stat().st_size
        return f"it has more than {MAX_PLAIN_BYTES} bytes. {IN_PARTS}" if size > MAX_PLAIN_BYTES else None

    def _read(self, name: str) -> Data:
        if self._feed.url.startswith("s3://"):
            bucket, prefix = self._bucket()
            return objects.fetched(self._store, bucket, prefix + name)
        with self._path(name).open("rb") as file:
            return kept(parts_of(file))

    def _path(self, name: str) -> Path:
        return (Path(self._feed.url) / name).resolve()

    def _bucket(self) -> tuple[str, str]:
        bucket, _, prefix = self._feed.url.removeprefix("s3://").partition("/")
        return bucket, f"{prefix.rstrip('/')}/" if prefix else ""


def _storable(name: str) -> str:
    """A file's name as text; bytes that are no UTF-8 are shown by their numbers."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
