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
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (it lives as long as this does)
        self._digest = hashlib.sha256()
        self.size = 0
        for part in parts:
            self.add(part)

    def add(self, part: bytes) -> None:
        """Writes a part behind the others."""
        left = memoryview(part)
        while left:
            left = left[self._file.write(left) :]
        self._digest.update(part)
        self.size += len(part)

    @property
    def sha256(self) -> str:
        """Digest of the bytes so far."""
        return self._digest.hexdigest()

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


class Spool(io.RawIOBase):
    """Takes bytes as they come, in memory as long as they are few."""

    def __init__(self) -> None:
        super().__init__()
        self._few: list[bytes] = []
        self._size = 0
        self._content: Content | None = None

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, part: Any) -> int:
        """Takes some more."""
        data = bytes(part)
        self._size += len(data)
        if self._content is None and self._size > FEW_BYTES:
            self._content = Content(self._few)
            self._few = []
        if self._content is None:
            self._few.append(data)
        else:
            self._content.add(data)
        return len(data)

    def kept(self) -> Data:
        """All that came; no more may come."""
        return b"".join(self._few) if self._content is None else self._content


def kept(parts: Iterable[bytes]) -> Data:
    """The parts together; in a file when they are many."""
    spool = Spool()
    for part in parts:
        spool.write(part)
    return spool.kept()


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
