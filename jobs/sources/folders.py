"""Places with files: a folder of this machine, a bucket's objects below a prefix, a folder over SFTP."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from minio import Minio
from minio.error import MinioException, S3Error
from pydantic import SecretStr
from urllib3.exceptions import HTTPError

from jobs import objects
from jobs.errors import Refused, Unreachable
from jobs.settings import Settings
from jobs.sources.credentials import credentials_of
from jobs.sources.model import Feed

_FETCHED_BYTES = 1 << 22
"""Bytes that are copied at a time."""
LINK = "it is a link, and links are not followed. Remedy: send the file itself."
FORBIDDEN = "it may not be read. Remedy: let our user read it."


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as a listing shows it."""

    name: str
    size: int
    modified: float
    """Seconds by the clock of who keeps the file: of use beside its other files alone."""
    stamp: str
    """Differs when the file does: size and time of change, or its checksum where the place has one."""
    refusal: str | None = None
    """Why it is not even read."""

    @property
    def shown(self) -> str:
        """Its name as text that can be kept; bytes that are no UTF-8 are shown by their numbers."""
        told = self.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return told.replace("\0", "\\x00")


class Folder(Protocol):
    """Files that have names, sizes and contents. Bytes of a name that are no UTF-8 stand as surrogates."""

    def entries(self) -> list[Entry]:
        """Every file in the order of names; folders and devices are none.

        Raises:
            Unreachable: The place does not answer, or is not there.
            Refused: It does not let us look.
        """
        ...

    def read(self, entry: Entry, into: IO[bytes]) -> bool:
        """Copies a file part by part; False when it is no longer the file that was listed.

        Raises:
            Unreachable: The place does not answer.
            PermissionError: The file may not be read.
        """
        ...


def opened(feed: Feed, settings: Settings) -> AbstractContextManager[Folder]:
    """The folder that a feed's URL names, with one connection where it needs one.

    Raises:
        Unreachable: It does not answer.
        Refused: It is not who it should be, or does not take us for who we are.
    """
    if feed.url.startswith("s3://"):
        return nullcontext(BucketFolder(feed, _store(feed, settings)))
    if feed.url.startswith("sftp://"):
        from jobs.sources.sftp import SftpFolder  # noqa: PLC0415  (SSH is imported by those who speak it)

        return SftpFolder(feed, settings)
    return nullcontext(LocalFolder(feed))


class LocalFolder:
    """A folder of this machine, into which others may write."""

    def __init__(self, feed: Feed) -> None:
        self._feed, self._path = feed, Path(feed.url)

    def entries(self) -> list[Entry]:
        """See ``Folder``."""
        found = []
        with self._told(), os.scandir(self._path) as listed:
            for file in listed:
                with contextlib.suppress(FileNotFoundError):
                    status = file.stat(follow_symlinks=False)
                    if file.is_symlink() or stat.S_ISREG(status.st_mode):
                        found.append(_entry(file.name, status))
        return sorted(found, key=lambda entry: entry.name)

    def read(self, entry: Entry, into: IO[bytes]) -> bool:
        """See ``Folder``. Whoever can write there may put a link in a file's place at any moment."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            file = os.fdopen(os.open(self._path / entry.name, flags), "rb")
        except PermissionError:
            raise
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP):
                return False
            raise self._fault(error) from None
        with file:
            left = entry.size
            while left and (data := self._part(file, min(_FETCHED_BYTES, left))):
                into.write(data)
                left -= len(data)
            return not left and _entry(entry.name, os.fstat(file.fileno())) == entry

    def _part(self, file: IO[bytes], size: int) -> bytes:
        with self._told():
            return file.read(size)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults of the disk as those of this source; without the name of a file, which may be a person's."""
        try:
            yield
        except OSError as error:
            raise self._fault(error) from None

    def _fault(self, error: OSError) -> Refused | Unreachable:
        folder = f"{self._feed.feed_id}: the folder {self._path}"
        if isinstance(error, PermissionError):
            return Refused(f"{folder} may not be read.", "let our user list and enter it.")
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return Unreachable(f"{folder} does not exist.", "mount or create it.")
        return Unreachable(f"{folder} cannot be read ({error.strerror}).", "look at the disk or the mount.")


def _entry(name: str, status: os.stat_result) -> Entry:
    is_link = stat.S_ISLNK(status.st_mode)
    return Entry(
        name=name,
        size=status.st_size,
        modified=status.st_mtime,
        stamp=f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}",
        refusal=LINK if is_link else None,
    )


class BucketFolder:
    """Objects below a prefix. There are no links, an object is whole, and a key's slashes lead nowhere."""

    def __init__(self, feed: Feed, store: Minio) -> None:
        self._feed, self._store = feed, store
        self._bucket, _, prefix = feed.url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.rstrip('/')}/" if prefix else ""

    def entries(self) -> list[Entry]:
        """See ``Folder``."""
        found = []
        with self._told():
            listed = self._store.list_objects(bucket_name=self._bucket, prefix=self._prefix, recursive=True)
            for one in listed:
                name = (one.object_name or "").removeprefix(self._prefix)
                modified = one.last_modified.timestamp() if one.last_modified else 0.0
                if name:
                    found.append(Entry(name, one.size or 0, modified, f"{one.size or 0}:{one.etag}"))
        return sorted(found, key=lambda entry: entry.name)

    def read(self, entry: Entry, into: IO[bytes]) -> bool:
        """See ``Folder``."""
        with self._told():
            try:
                response = self._store.get_object(
                    bucket_name=self._bucket, object_name=self._prefix + entry.name
                )
            except S3Error as error:
                if error.code in ("NoSuchKey", "NoSuchObject"):
                    return False
                raise
            try:
                size = 0
                for data in response.stream(_FETCHED_BYTES):
                    into.write(data)
                    size += len(data)
                etag = response.headers.get("etag", "").strip('"')
                return f"{size}:{etag}" == entry.stamp
            finally:
                response.close()
                response.release_conn()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults of the store as those of this source: it may be another's."""
        try:
            yield
        except S3Error as error:
            if error.code in ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"):
                raise Refused(
                    f"{self._feed.feed_id}: the store does not let us read {self._feed.url} ({error.code}).",
                    f"renew the credentials {self._feed.credentials}, or let them list and read there.",
                ) from error
            raise Unreachable(
                f"{self._feed.feed_id}: the store answers {error.code} for {self._feed.url}.",
                "see that the bucket exists.",
            ) from error
        except (MinioException, HTTPError) as error:
            raise Unreachable(
                f"{self._feed.feed_id}: the store does not answer ({type(error).__name__})."
            ) from error


def _store(feed: Feed, settings: Settings) -> Minio:
    """The object store, as who the feed names; as who the pipeline is where it names nobody."""
    if feed.credentials is None:
        return objects.client(settings)
    key, secret = credentials_of(feed, settings)
    named = {"s3_access_key": key, "s3_secret_key": SecretStr(secret)}
    return objects.client(settings.model_copy(update=named))
