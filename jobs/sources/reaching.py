"""Where a source is, whatever it speaks: its address, its name, its port, its credentials."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from jobs.settings import Settings
from jobs.sources.credentials import credentials_of
from jobs.sources.model import Feed

PORTS: Mapping[str, int] = {"https": 443, "http": 80, "sftp": 22, "postgresql": 5432, "mysql": 3306}
"""Where a URL of the scheme leads that names no port."""


def address(feed: Feed) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parts = urlsplit(feed.url)
    return parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]


def named(feed: Feed) -> str:
    """What its host's name stands for."""
    _, host, port = address(feed)
    return f"{host} is {socket.getaddrinfo(host, port)[0][4][0]}"


def known(settings: Settings, feed: Feed) -> str:
    """That its credentials are there."""
    credentials_of(feed, settings)
    return f"{feed.credentials} is known"


def connected(host: str, port: int) -> str:
    """That its port is open."""
    with socket.create_connection((host, port), timeout=5):
        return f"port {port} is open"
