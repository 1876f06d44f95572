"""SSH keys of a feed: the server's that are pinned, and our own."""

from __future__ import annotations

import asyncssh

from jobs.errors import UsageFault
from jobs.settings import Settings
from jobs.sources.credentials import client_key_of
from jobs.sources.model import Feed
from jobs.sources.reaching import PORTS

PREFERRED = (
    *(b"ssh-ed25519", b"ecdsa-sha2-nistp256", b"ecdsa-sha2-nistp384", b"ecdsa-sha2-nistp521"),
    *(b"rsa-sha2-512", b"rsa-sha2-256"),
)
"""What a server may sign with. Those of pinned keys are asked for before these, so that a server with several
keys shows the pinned one; these too, so that the key of one that has it no more can be told."""
Known = asyncssh.SSHKnownHosts | tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey]]


def pinned(feed: Feed, host: str, port: int) -> tuple[Known, list[asyncssh.SSHKey]]:
    """What asyncssh is told of a server's keys, and the keys that it may have.

    Raises:
        UsageFault: They cannot be read, or the file has none of this host.
    """
    try:
        if feed.host_key is not None:
            key = asyncssh.import_public_key(feed.host_key)
            return ([key], [], []), [key]
        known = asyncssh.read_known_hosts(feed.known_hosts or "")
    except (OSError, ValueError) as error:
        key_of = "host_key" if feed.host_key is not None else "known_hosts"
        raise UsageFault(
            f"{feed.feed_id}: {key_of} cannot be read.", "give what ssh-keyscan prints of the server."
        ) from error
    if not (keys := list(known.match(host, "", None if port == PORTS["sftp"] else port)[0])):
        raise UsageFault(
            f"{feed.feed_id}: known_hosts has no key of {host}, port {port}.",
            f"compare what `ssh-keyscan -p {port} {host}` prints with the province, and add it.",
        )
    return known, keys


def our_key(feed: Feed, settings: Settings) -> list[asyncssh.SSHKey] | None:
    """The private key that we show; None where the feed names none.

    Raises:
        UsageFault: It cannot be used; the message has nothing of its content.
    """
    if feed.client_key is None:
        return None
    path, passphrase = client_key_of(feed, settings)
    try:
        return [asyncssh.read_private_key(path, passphrase or None)]
    except (OSError, ValueError) as error:
        raise UsageFault(
            f"{feed.feed_id}: client_key does not open.",
            f"give a private key of SSH, and its passphrase in the credential {feed.client_key}.",
        ) from error


def shown(key: asyncssh.SSHKey) -> str:
    """A key as people compare it: ``ssh-ed25519 SHA256:…``."""
    return f"{key.get_algorithm()} {key.get_fingerprint()}"
