"""The provinces' SFTP server: a user of a province sees the folder of its exports, and may read there."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import asyncssh
from asyncssh import SFTPAttrs, SFTPName

from infra.sandbox.desk import Sandbox
from infra.sandbox.exports import EXPORTED, MARKER, SFTP

KNOWN_HOSTS = "known_hosts"
"""The server's key, as OpenSSH keeps it, in the sandbox's folder: what a source's file names."""
_KEY = "ssh_host_key"
_WRITES = asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC


async def listen(sandbox: Sandbox, listening: socket.socket) -> asyncssh.SSHAcceptor:
    """Serves on a bound socket; the server's key is made at the first start and stays."""
    key = _host_key(sandbox.state.folder)
    host, port = listening.getsockname()[:2]
    public = key.export_public_key().decode().strip()
    written = sandbox.state.folder / f"{KNOWN_HOSTS}.new"
    written.write_text(f"[{host}]:{port} {public}\n")
    written.replace(sandbox.state.folder / KNOWN_HOSTS)  # Whoever reads it meanwhile has a whole one.
    return await asyncssh.listen(
        sock=listening,
        config=None,
        server_factory=partial(_Door, sandbox),
        server_host_keys=[key],
        sftp_factory=partial(_Exports, sandbox),
        allow_scp=False,
    )


def _host_key(folder: Path) -> asyncssh.SSHKey:
    path = folder / _KEY
    if not path.exists():
        draft = path.with_name(f"{_KEY}.part")
        draft.unlink(missing_ok=True)
        data = asyncssh.generate_private_key("ssh-ed25519").export_private_key()
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        draft.replace(path)
    return asyncssh.read_private_key(path)


def _province(sandbox: Sandbox, user: str) -> str:
    """The province of a user; empty where there is none that exports over SFTP."""
    known = sandbox.state.credentials
    return next((one for one in EXPORTED[SFTP] if known[one]["id"] == user), "")


class _Door(asyncssh.SSHServer):
    """Lets in who knows a province's password."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Keeps the connection, which a fault may end."""
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        """A password is wanted, unless the system is down."""
        if self._sandbox.fault(_province(self._sandbox, username)) == "down":
            self._connection.abort()
        return True

    def password_auth_supported(self) -> bool:
        """Yes."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Whether it is the province's."""
        province = _province(self._sandbox, username)
        known = self._sandbox.state.credentials.get(province, {})
        return known.get("secret") == password and self._sandbox.fault(province) != "token_expired"


def _denied(*_: object) -> None:
    raise asyncssh.SFTPPermissionDenied("it is for reading")


class _Exports(asyncssh.SFTPServer):
    """A province's folder, for reading."""

    def __init__(self, sandbox: Sandbox, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._connection = chan.get_connection()
        self._sandbox = sandbox
        self._mine = _province(sandbox, self._connection.get_extra_info("username"))
        folder = sandbox.state.folder / "exports" / SFTP / self._mine
        super().__init__(chan, chroot=bytes(folder))

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        """A file for reading."""
        if pflags & _WRITES:
            _denied()
        self._sandbox.requests[self._mine] += 1
        return super().open(path, pflags, attrs)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """A part of it; a fault ends the connection behind the first half."""
        is_odd = self._sandbox.requests[self._mine] % 2 == 1
        whole = os.fstat(cast("Any", file_obj).fileno()).st_size
        if self._sandbox.fault(self._mine) == "flaky" and is_odd and offset + size > whole // 2:
            self._connection.abort()
        return cast("bytes", super().read(file_obj, offset, size))

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        """The folder; a fault leaves half of the newest file and takes its marker away."""
        found = [entry async for entry in super().scandir(path)]
        is_unfinished = self._sandbox.fault(self._mine) == "unfinished"
        newest = max((name for name in map(_name, found) if not name.endswith(MARKER)), default="")
        for one in found:
            if is_unfinished and _name(one) == newest:
                one.attrs.size = (one.attrs.size or 0) // 2
            if not (is_unfinished and _name(one) == f"{newest}{MARKER}"):
                yield one

    setstat = lsetstat = fsetstat = remove = mkdir = rmdir = cast("Any", _denied)
    rename = posix_rename = symlink = link = cast("Any", _denied)


def _name(entry: SFTPName) -> str:
    return os.fsdecode(entry.filename)
