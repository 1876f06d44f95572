"""Bytes of a file or an object: in memory when they are few, else in a file of their own."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, cast

FEW_BYTES = 16_000_000
"""That are held in memory: a page, and what most provinces send of a day."""
PART = 1 << 20
"""Bytes that are moved at a time."""


class Content:
    """Bytes in a file without a name: nobody else can open it, and a killed process leaves nothing behind."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        """Writes the parts down; no two of them are in memory at once."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (it lives as long as this does)
        digest, self.size = hashlib.sha256(), 0
        for part in parts:
            self._file.write(part)
            digest.update(part)
            self.size += len(part)
        self._file.flush()
        self.sha256 = digest.hexdigest()

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


def kept(parts: Iterable[bytes]) -> Data:
    """The parts together; in a file when they are many."""
    few, size, rest = [], 0, iter(parts)
    for part in rest:
        few.append(part)
        size += len(part)
        if size > FEW_BYTES:
            return Content(_chained(few, rest))
    return b"".join(few)


def _chained(few: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    while few:
        yield few.pop(0)
    yield from rest


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
