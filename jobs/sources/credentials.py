"""Credentials of sources: named in a source's file, kept elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

from jobs.errors import UsageFault
from jobs.settings import Settings
from jobs.sources.model import Feed


def credentials_of(feed: Feed, settings: Settings) -> tuple[str, str]:
    """Client id and secret of a feed.

    A name stands for the setting ``LIENTHONG_CREDENTIAL_<NAME>`` (``id:secret``);
    ``file:<path>#<entry>`` for an entry ``{"id", "secret"}`` of a JSON file.

    Raises:
        UsageFault: They are not there; the message never shows them.
    """
    if feed.credentials is None:
        raise UsageFault(
            f"{feed.feed_id}: no credentials are named.", "add credentials to the source's file."
        )
    return named(feed.credentials, settings, of=feed.feed_id)


def named(name: str, settings: Settings, *, of: str) -> tuple[str, str]:
    """Id and secret by their name, as in a source's file.

    Raises:
        UsageFault: They are not there; the message names whom they are of, and never shows them.
    """
    if name.startswith("file:"):
        path, _, entry = name.removeprefix("file:").partition("#")
        try:
            found = json.loads(Path(path).read_text())[entry]
            return str(found["id"]), str(found["secret"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            remedy = f'write {{"{entry}": {{"id": "…", "secret": "…"}}}} there, or correct the name.'
            if settings.sandbox_url:
                remedy = "start the sandbox, or correct the name."
            raise UsageFault(f"{of}: the credentials {entry!r} are not in {path}.", remedy) from error
    secret = settings.credentials.get(name)
    if secret is None:
        raise UsageFault(f"{of}: LIENTHONG_CREDENTIAL_{name} is not set.", "set it to id:secret.")
    client_id, _, value = secret.get_secret_value().partition(":")
    return client_id, value


def client_key_of(feed: Feed, settings: Settings) -> tuple[str, str]:
    """Path of the private key of a feed's client certificate, and its passphrase; empty when it has none.

    A name stands for the setting ``LIENTHONG_CREDENTIAL_<NAME>`` (``path`` or ``path:passphrase``),
    ``file:<path>`` for the file itself.

    Raises:
        UsageFault: The setting is not there.
    """
    name = feed.client_key or ""
    if name.startswith("file:"):
        return name.removeprefix("file:"), ""
    secret = settings.credentials.get(name)
    if secret is None:
        raise UsageFault(
            f"{feed.feed_id}: LIENTHONG_CREDENTIAL_{name} is not set.",
            "set it to the path of the private key, or path:passphrase.",
        )
    path, _, passphrase = secret.get_secret_value().partition(":")
    return path, passphrase
