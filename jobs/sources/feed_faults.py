"""What is wrong with a feed as its file states it, and what to state instead."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from jobs.sources.drift import KINDS
from schemas import dialect as dialects
from schemas import layout as layouts
from schemas.procedures import BY_CODE
from schemas.reference import senders
from schemas.registry import ROWS

if TYPE_CHECKING:
    from jobs.sources.model import Feed

_TLS = ("ca_file", "client_certificate", "client_key")
_SSH = ("host_key", "known_hosts")
_ASKS_AS = {"MaDVC", "MaCanBo", "MaDonVi"}


def faults_of(feed: Feed) -> Iterator[str]:
    """What is wrong with a feed as a whole, each in words."""
    if feed.province_code not in senders():
        yield f"province {feed.province_code} is none of the 34, nor 00 for a national database"
    if feed.dialect not in dialects.names():
        yield f"dialect {feed.dialect!r} does not exist; use one of {', '.join(dialects.names())}"
    if unknown := sorted({kind for kind in feed.drift if kind.partition(":")[0] not in KINDS}):
        yield f"drift names {unknown[0]}; use {', '.join(KINDS)}, alone or with :path"
    yield from _faults_of_url(feed)
    yield from _faults_of_tls(feed)
    for fault in layouts.faults_of(feed.layout, layouts.OF_FILES):
        yield f"layout {fault.replace('. Remedy: ', '; ').removesuffix('.')}"
    yield from _faults_of_ssh(feed)
    yield from _faults_of_patterns(feed)
    if feed.kind == "soap" and feed.asks_as.keys() != _ASKS_AS:
        yield f"asks_as names {', '.join(sorted(_ASKS_AS))}, and nothing else"


def _faults_of_patterns(feed: Feed) -> Iterator[str]:
    """What is wrong with what a feed's files are said to be."""
    if feed.kind == "directory" and not feed.patterns:
        yield "a directory needs patterns: file glob and what its rows are"
    nouns = {contract.info.noun for contract in ROWS}
    if feed.dialect in dialects.names():
        spoken = dialects.load(feed.dialect)
        nouns = {spoken.rows.info.noun}
        if spoken.file_form and feed.kind != "directory":
            yield f"dialect {feed.dialect} is one of files; kind must be directory"
    if unknown := sorted(set(feed.patterns.values()) - {*BY_CODE, *nouns}):
        yield f"patterns name {', '.join(unknown)}; use {' or '.join(sorted(nouns))} or a baseline procedure"


def _faults_of_url(feed: Feed) -> Iterator[str]:
    parts = urlsplit(feed.url)
    try:
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        has_port = False
    if feed.kind in {"rest", "soap"} and not (
        parts.scheme in {"http", "https"} and parts.hostname and has_port
    ):
        yield "url must be http:// or https:// with a host"
    is_remote = parts.scheme in {"s3", "sftp"} and parts.hostname and has_port
    if feed.kind == "directory" and not (feed.url.startswith("/") or is_remote):
        yield "url must be an absolute folder, s3://bucket/prefix or sftp://host:port/folder"
    if parts.scheme == "sftp" and (parts.username is not None or parts.query or parts.fragment):
        yield "url must have host, port and folder alone; name the user and its password in credentials"
    if feed.kind == "database":
        yield from _faults_of_database(feed, parts, has_port=has_port)


def _faults_of_database(feed: Feed, parts: SplitResult, *, has_port: bool) -> Iterator[str]:
    is_named = parts.hostname and has_port and parts.path.strip("/")
    if not (parts.scheme in {"postgresql", "mysql"} and is_named):
        yield "url must be postgresql:// or mysql:// with a host and a database"
    if parts.username or parts.password:
        yield "url must name no user; name credentials"
    if parts.query not in {"", "tls=on", "tls=off"}:
        yield "url may say ?tls=on or ?tls=off, and nothing else"
    if feed.dialect in dialects.names() and dialects.load(feed.dialect).select is None:
        yield f"dialect {feed.dialect} has no [table]; state its select in the mapping file"


def _faults_of_tls(feed: Feed) -> Iterator[str]:
    """What is wrong with the certificates that a feed names."""
    is_ssh = feed.url.startswith("sftp://")
    for key in _TLS:
        is_named = getattr(feed, key) is not None and not (is_ssh and key == "client_key")
        if is_named and feed.kind == "database" and feed.url.endswith("?tls=off"):
            yield f"{key} needs TLS"
        if is_named and feed.kind != "database" and not feed.url.startswith("https://"):
            yield f"{key} needs a url with https://"
    if not is_ssh and (feed.client_certificate is None) != (feed.client_key is None):
        alone = "client_key" if feed.client_certificate is None else "client_certificate"
        yield f"{alone} stands alone; name client_certificate and client_key together"
    for key in _TLS:
        path = (getattr(feed, key) or "/").removeprefix("file:")
        is_path = key != "client_key" or (feed.client_key or "").startswith("file:")
        if is_path and not (path.startswith("/") and Path(path).exists()):
            yield f"{key} is not the absolute path of a file that exists"


def _faults_of_ssh(feed: Feed) -> Iterator[str]:
    """What is wrong with the keys that a feed of an SFTP server names, or that another feed names."""
    if not feed.url.startswith("sftp://"):
        if named := [key for key in _SSH if key in feed.model_fields_set]:
            yield f"{named[0]} needs a url with sftp://"
        if feed.kind not in {"rest", "soap"} and "timeout_seconds" in feed.model_fields_set:
            yield "timeout_seconds needs a url with sftp:// or http"
        return
    if (feed.host_key is None) == (feed.known_hosts is None):
        yield "host_key or known_hosts must name the server's key, one of them; ssh-keyscan prints it"
    if feed.host_key is not None and not _is_key(feed.host_key):
        yield "host_key is no key as ssh-keyscan prints it, without the host: ssh-ed25519 AAAA…"
    if feed.known_hosts is not None and not feed.known_hosts.startswith("/"):
        yield "known_hosts is not the absolute path of a file"
    if feed.credentials is None:
        yield "credentials must name our user of the server"


def _is_key(text: str) -> bool:
    """Whether a text is a public key of SSH: its type, and in Base64 its length and that again (RFC 4253)."""
    kind, _, rest = text.partition(" ")
    try:
        data = base64.b64decode(rest.partition(" ")[0], validate=True)
    except ValueError:
        return False
    return data.startswith(len(kind).to_bytes(4, "big") + kind.encode()) and len(data) > 4 + len(kind)
