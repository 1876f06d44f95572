"""A real SFTP server over a folder, in this process or in one that can be killed, and the feed that reads it.

``python -m tests.support.sftp FOLDER`` serves until it is ended; it writes its port and its public key.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
from pydantic import SecretStr

from jobs.settings import Settings
from jobs.sources.model import Feed

USER, PASSWORD = "province", "an-apt-password"
FEED = "01-dossiers"
Factory = Callable[[asyncssh.SSHServerChannel[bytes]], asyncssh.SFTPServer]


class _Door(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


def key(algorithm: str = "ssh-ed25519") -> asyncssh.SSHKey:
    """A new key of a server or a user."""
    return asyncssh.generate_private_key(algorithm)


def public(one: asyncssh.SSHKey) -> str:
    """The key as a source's file names it."""
    return one.export_public_key().decode().strip()


async def _listening(
    folder: Path,
    keys: Sequence[asyncssh.SSHKey],
    trusted: Path | None = None,
    sftp: Factory | None = None,
    *,
    has_sftp: bool = True,
) -> asyncssh.SSHAcceptor:
    def files(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return sftp(channel) if sftp else asyncssh.SFTPServer(channel, chroot=bytes(folder))

    return await asyncssh.listen(
        "127.0.0.1",
        0,
        config=None,
        server_factory=_Door,
        server_host_keys=list(keys),
        authorized_client_keys=str(trusted) if trusted else None,
        sftp_factory=files if has_sftp else None,
    )


@contextmanager
def serving(
    folder: Path,
    *keys: asyncssh.SSHKey,
    trusted: Path | None = None,
    sftp: Factory | None = None,
    has_sftp: bool = True,
) -> Iterator[int]:
    """The port of a server in this process.

    Args:
        folder: What its user sees.
        keys: Its host keys.
        trusted: A file of public keys that the user may come with.
        sftp: What serves a user in place of the folder itself.
        has_sftp: Whether it has SFTP at all.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    begun = asyncio.run_coroutine_threadsafe(_listening(folder, keys, trusted, sftp, has_sftp=has_sftp), loop)
    acceptor = begun.result(30)
    try:
        yield acceptor.get_port()
    finally:
        asyncio.run_coroutine_threadsafe(_ended(acceptor), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(acceptor: asyncssh.SSHAcceptor) -> None:
    acceptor.close()
    await acceptor.wait_closed()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def killable(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """A server in a process of its own, its port and its public key."""
    command = [sys.executable, "-m", "tests.support.sftp", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port, host_key = process.stdout.readline().strip().split(" ", 1)
            yield process, int(port), host_key
        finally:
            process.kill()


def feed(port: int, host_key: str | None, **keys: Any) -> Feed:
    """The feed that reads a server's folder."""
    stated = {
        "feed_id": FEED,
        "province_code": "01",
        "province_name": "Tỉnh thử",
        "kind": "directory",
        "dialect": "dvcqg",
        "url": f"sftp://127.0.0.1:{port}/",
        "credentials": "PROVINCE",
        "settled": "whole",
        "patterns": {"*": "dossiers"},
        **({"host_key": host_key} if host_key else {}),
    }
    return Feed.model_validate(stated | keys)


def settings(**credentials: str) -> Settings:
    """Settings with the user's password, and other credentials by name."""
    known = {"PROVINCE": f"{USER}:{PASSWORD}"} | credentials
    return Settings(
        home=Path("/nowhere"), credentials={name: SecretStr(value) for name, value in known.items()}
    )


async def _serve(folder: Path) -> None:
    mine = key()
    acceptor = await _listening(folder, [mine])
    print(acceptor.get_port(), public(mine), flush=True)
    await acceptor.wait_closed()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
