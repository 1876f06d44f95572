"""A folder of an SFTP server: its host key pinned, one connection for a pull, an end to every silence."""

from __future__ import annotations

import asyncio
import errno
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from contextlib import contextmanager
from typing import IO, Any, Self, TypeVar
from urllib.parse import unquote, urlsplit

import asyncssh
from asyncssh.constants import FILEXFER_TYPE_REGULAR, FILEXFER_TYPE_SYMLINK, FILEXFER_TYPE_UNKNOWN

from jobs.errors import LienthongError, Refused, Unreachable
from jobs.settings import Settings
from jobs.sources.credentials import credentials_of
from jobs.sources.folders import LINK, Entry
from jobs.sources.model import Feed
from jobs.sources.reaching import address
from jobs.sources.ssh_keys import PREFERRED, our_key, pinned, shown

_T = TypeVar("_T")
_BLOCK = 1 << 15
"""Bytes asked for at a time, some ahead: what every server gives (draft-ietf-secsh-filexfer-02 §3)."""
_MOST_ENTRIES = 1_000_000
_PATH = "its name is a path. Remedy: send it under a plain name."
_SIZELESS = "the server does not tell its size. Remedy: ask the province."
_GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPLinkLoop)
_TELLTALES = ("asyncssh", "asyncssh.sftp")
"""Loggers that tell names of files, which may be persons', and of users."""


class _Guard(asyncssh.SSHClient):
    """Is asked about a server's key when it is not pinned: keeps it, and says no."""

    seen: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """No."""
        del host, addr, port
        self.seen = key
        return False


class SftpFolder:
    """A folder of an SFTP server within a ``with``.

    The connection lives in a thread of its own, so that the server is answered while a file is at work.
    """

    def __init__(self, feed: Feed, settings: Settings) -> None:
        self._feed, self._settings = feed, settings
        _, self._host, self._port = address(feed)
        path = unquote(urlsplit(feed.url).path)
        # As curl writes it: below the folder in which the user begins.
        self._path = f"./{path.removeprefix('/~/')}" if path.startswith("/~/") else path or "/"
        self._guard = _Guard()

    def __enter__(self) -> Self:
        """Connects.

        Raises:
            Unreachable: The server stays silent.
            Refused: Its key is not a pinned one, or it does not take us for who we are.
            UsageFault: A key or a credential cannot be used.
        """
        for name in _TELLTALES:
            logging.getLogger(name).addFilter(_nothing)
        self._connection: asyncssh.SSHClientConnection | None = None
        begun = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._lived(begun)), name="sftp", daemon=True
        )
        self._thread.start()
        begun.wait()
        try:
            with self._told():
                self._client = self._done(self._connected())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnects."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    async def _lived(self, begun: threading.Event) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        begun.set()
        await self._ended.wait()
        self._hung_up()
        if self._connection is not None:
            await self._connection.wait_closed()

    def _done(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _soon(self, work: Awaitable[_T]) -> _T:
        """What comes unless the server is silent for too long, which ends the connection and every wait."""
        silence = self._loop.call_later(self._feed.timeout_seconds, self._hung_up)
        try:
            return await work
        finally:
            silence.cancel()

    def _hung_up(self) -> None:
        if self._connection is not None:
            self._connection.abort()

    def fingerprint(self) -> str:
        """The server's key, which is a pinned one, as people compare it."""
        key = self._connection.get_server_host_key() if self._connection else None
        return shown(key) if key else "no key"

    def entries(self) -> list[Entry]:
        """See ``Folder``."""
        with self._told():
            found = self._done(self._listed())
        return sorted(found, key=lambda entry: entry.name)

    def read(self, entry: Entry, into: IO[bytes]) -> bool:
        """See ``Folder``; parts may be written out of their order, so ``into`` can be sought in."""
        try:
            with self._told():
                return self._done(self._copied(entry, into))
        except _Forbidden as fault:
            raise PermissionError from fault

    async def _connected(self) -> asyncssh.SFTPClient:
        known, keys = pinned(self._feed, self._host, self._port)
        name, secret = credentials_of(self._feed, self._settings)
        algorithms = [*(algorithm for key in keys for algorithm in key.sig_algorithms), *PREFERRED]
        self._connection = await asyncssh.connect(
            self._host,
            self._port,
            config=None,
            client_factory=lambda: self._guard,
            known_hosts=known,
            server_host_key_algs=[algorithm.decode() for algorithm in dict.fromkeys(algorithms)],
            x509_trusted_certs=None,
            username=name,
            password=secret or None,
            client_keys=our_key(self._feed, self._settings),
            agent_path=None,
            gss_host=None,
            connect_timeout=self._feed.timeout_seconds,
            login_timeout=self._feed.timeout_seconds,
            keepalive_interval=self._feed.timeout_seconds,
            keepalive_count_max=2,
        )
        return await self._soon(
            self._connection.start_sftp_client(path_encoding="utf-8", path_errors="surrogateescape")
        )

    async def _listed(self) -> list[Entry]:
        found: list[Entry] = []
        try:
            async for one in self._each(self._client.scandir(self._path)):
                if (entry := _entry(str(one.filename), one.attrs)) is not None:
                    found.append(entry)
                if len(found) > _MOST_ENTRIES:
                    raise Refused(
                        f"{self._feed.feed_id}: the folder has more than {_MOST_ENTRIES} files.",
                        "ask the province to clear it.",
                    )
        except asyncssh.SFTPPermissionDenied as error:
            raise Refused(
                f"{self._feed.feed_id}: the server does not let us look into the folder of url.",
                "ask the province for the right, or correct url.",
            ) from error
        except _GONE as error:
            raise Unreachable(
                f"{self._feed.feed_id}: the server has no folder {self._path}.",
                "correct url, or ask the province.",
            ) from error
        return found

    async def _copied(self, entry: Entry, into: IO[bytes]) -> bool:
        try:
            path = f"{self._path.rstrip('/')}/{entry.name}"
            file = await self._soon(self._client.open(path, "rb", block_size=_BLOCK))
        except asyncssh.SFTPPermissionDenied as error:
            raise _Forbidden("the file may not be read") from error
        except _GONE:
            return False
        try:
            copied = 0
            async for offset, data in self._each(await file.read_parallel(entry.size, 0)):
                copied += len(data)
                if offset + len(data) > entry.size:
                    return False
                into.seek(offset)
                into.write(data)
            return copied == entry.size and _entry(entry.name, await self._soon(file.stat())) == entry
        finally:
            await self._soon(file.close())

    async def _each(self, work: AsyncIterator[_T]) -> AsyncIterator[_T]:
        """What comes one by one unless the server is silent for too long."""
        while True:
            try:
                one = await self._soon(anext(work))
            except StopAsyncIteration:
                return
            yield one

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults of the connection as those of this source; what the server says is withheld."""
        feed = self._feed
        try:
            yield
        except LienthongError:
            raise
        except asyncssh.HostKeyNotVerifiable as error:
            raise self._wrong_key() from error
        except asyncssh.PermissionDenied as error:
            raise Refused(
                f"{feed.feed_id}: the server does not take our credentials.",
                f"renew the credentials {feed.credentials}, or client_key.",
            ) from error
        except asyncssh.KeyExchangeFailed as error:
            raise Refused(
                f"{feed.feed_id}: the server speaks no algorithm that is still held to be safe.",
                "ask the province to renew its SSH server.",
            ) from error
        except (asyncssh.Error, OSError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise  # Of this machine's disk, onto which a file is copied.
            if isinstance(error, asyncssh.ChannelOpenError) and not self._is_lost(error):
                raise Refused(
                    f"{feed.feed_id}: the server has no SFTP for us.", "ask the province to offer it."
                ) from error
            raise Unreachable(
                f"{feed.feed_id}: the server does not answer, or fell silent ({type(error).__name__}).",
                "see url and the network; the next pull goes on from here.",
            ) from error

    def _is_lost(self, error: asyncssh.ChannelOpenError) -> bool:
        """Whether a channel did not open since the connection ended; the library has one code for both."""
        is_closed = self._connection is None or self._connection.is_closed()
        return is_closed or error.reason == "SSH connection closed"

    def _wrong_key(self) -> Refused:
        _, keys = pinned(self._feed, self._host, self._port)
        wanted = " or ".join(shown(key) for key in keys)
        seen = shown(self._guard.seen) if self._guard.seen else "revoked, or none that can be read"
        return Refused(
            f"{self._feed.feed_id}: the server's host key is {seen}, not the pinned {wanted}.",
            "ask the province, by another way, which key its server has now; then change the pinned one.",
        )


class _Forbidden(LienthongError):
    """The server does not let us read a file."""


def _nothing(record: object) -> bool:  # noqa: ARG001
    """A filter that lets nothing pass."""
    return False


def _entry(name: str, attributes: asyncssh.SFTPAttrs) -> Entry | None:
    """A file of a listing, None for what is none; a name or a link that leads elsewhere is refused."""
    kind, size, modified = attributes.type, attributes.size, attributes.mtime or 0
    if name in (".", "..") or kind not in (
        FILEXFER_TYPE_REGULAR,
        FILEXFER_TYPE_SYMLINK,
        FILEXFER_TYPE_UNKNOWN,
    ):
        return None
    refusal = None
    if not name or "/" in name or "\0" in name:
        refusal = _PATH
    elif kind == FILEXFER_TYPE_SYMLINK:
        refusal = LINK
    elif size is None:
        refusal = _SIZELESS
    return Entry(name, size or 0, float(modified), f"{size}:{modified}", refusal)
