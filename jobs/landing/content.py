"""Bytes of a file or an object: in memory when they are few, else in a file of their own."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, Self, cast

FEW_BYTES = 16_000_000
"""That are held in memory: a page, and what most provinces send of a day."""
PART = 1 << 20
"""Bytes that are moved at a time."""


class Content:
    """Bytes in a file without a name: nobody else can open it, and a killed process leaves nothing behind."""

    def __init__(self, file: IO[bytes]) -> None:
        """Takes a temporary file over, as it is now."""
        file.flush()
        self._file = file
        self.size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha256()
        for part in parts_of(opened(self)):
            digest.update(part)
        self.sha256 = digest.hexdigest()

    @classmethod
    def of(cls, parts: Iterable[bytes]) -> Self:
        """The parts, of whatever number, in a file."""
        file = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115  (the content is its owner)
        for part in parts:
            file.write(part)
        return cls(file)

    def fileno(self) -> int:
        """The file, for a process that is to read it."""
        return self._file.fileno()

    def view(self) -> io.RawIOBase:
        """The bytes from their beginning, whoever else reads them."""
        return View(self._file.fileno(), self.size, self)


class View(io.RawIOBase):
    """A file from its beginning, with a place of its own."""

    def __init__(self, number: int, size: int, owner: object = None) -> None:
        self._number, self._size, self._place = number, size, 0
        self._owner = owner
        """Kept, so that the file stays open."""

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer as far as the file goes."""
        read = os.preadv(self._number, [buffer], self._place)
        self._place += read
        return read

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves the place."""
        self._place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        return self._place


Data = bytes | Content


def spool() -> IO[bytes]:
    """A file for ``kept_in``, to be written in any order; it is in memory as long as it is small."""
    return cast("IO[bytes]", tempfile.SpooledTemporaryFile(FEW_BYTES))


def kept_in(file: IO[bytes]) -> Data:
    """What was written into a ``spool``; nobody may write any more."""
    if file.seek(0, os.SEEK_END) > FEW_BYTES:
        return Content(file)
    file.seek(0)
    return file.read()


def kept(parts: Iterable[bytes]) -> Data:
    """The parts together; in a file when they are many."""
    file = spool()
    for part in parts:
        file.write(part)
    return kept_in(file)


def parts_of(stream: IO[bytes]) -> Iterator[bytes]:
    """A stream from where it stands, part by part."""
    while part := stream.read(PART):
        yield part


def opened(data: Data) -> IO[bytes]:
    """The bytes from their beginning."""
    if isinstance(data, Content):
        return cast("IO[bytes]", io.BufferedReader(data.view(), PART))
    return io.BytesIO(data)


def size_of(data: Data) -> int:
    """How many bytes there are."""
    return data.size if isinstance(data, Content) else len(data)


def sha256_of(data: Data) -> str:
    """Their digest."""
    return data.sha256 if isinstance(data, Content) else hashlib.sha256(data).hexdigest()
