"""How the way to a source over HTTP is examined: its name, its port, TLS and certificate."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from jobs.settings import Settings
from jobs.sources.examination import Doubt, Look
from jobs.sources.model import Feed
from jobs.sources.reaching import address, connected, named
from jobs.sources.tls import closes_unasked, context_of, refusal_of

_CERTIFICATE_DAYS = 30


def reached(settings: Settings, feed: Feed, at: datetime) -> Iterator[Look]:
    """Name, connection and, where it is to be secured, TLS and how long the certificate lasts."""
    yield "name", lambda: named(feed)
    scheme, host, port = address(feed)
    yield "connection", lambda: connected(host, port)
    if scheme == "https":
        yield "tls", lambda: secured(settings, feed, host, port)
        yield "certificate", lambda: lasting(settings, feed, host, port, at)


def secured(settings: Settings, feed: Feed, host: str, port: int) -> str:
    """That its certificate is accepted, and ours where it wants one."""
    context = context_of(feed, settings)
    try:
        with (
            socket.create_connection((host, port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            told = f"{secured.version()}, certificate accepted"
    except OSError as error:
        if (refusal := refusal_of(feed, error)) is not None:
            raise refusal from None
        raise
    if (refused := closes_unasked(feed, context)) is not None:
        raise refused
    return told


def lasting(settings: Settings, feed: Feed, host: str, port: int, at: datetime) -> str:
    """When the source's certificate ends.

    Raises:
        Doubt: Soon.
    """
    with (
        socket.create_connection((host, port), timeout=5) as plain,
        context_of(feed, settings).wrap_socket(plain, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    told = f"ends on {ends:%Y-%m-%d}"
    if ends - at < timedelta(days=_CERTIFICATE_DAYS):
        raise Doubt(f"the certificate {told}", "ask the province to renew it before.")
    return told
