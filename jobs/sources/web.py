"""How a system behind HTTP is examined."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from jobs.settings import Settings
from jobs.sources.credentials import credentials_of
from jobs.sources.examination import SAMPLE, Doubt, Look, Seen, sampled
from jobs.sources.interface import interface_of
from jobs.sources.model import Feed
from jobs.sources.rest import RestSource
from jobs.sources.tls import closes_unasked, context_of, refusal_of
from schemas import dialect as dialects

_CLOCK_SECONDS = 300
_PORTS = {"https": 443, "http": 80, "sftp": 22, "postgresql": 5432, "mysql": 3306}
_CERTIFICATE_DAYS = 30


def looks(settings: Settings, feed: Feed, at: datetime, seen: Seen) -> Iterator[Look]:
    """Name, connection, TLS, credentials, clock, token, and some records."""
    yield from reached(settings, feed, at)
    interface = interface_of(feed.dialect)
    if interface.auth != "none":
        yield "credentials", lambda: known(settings, feed)
    with RestSource(feed, settings) as source:
        if interface.health is not None:
            yield "health", lambda: str(source.health().get("status"))
            yield "clock", lambda: _clock(source, at)
        if interface.auth == "bearer":
            yield "token", lambda: f"granted, {len(source.token() or '')} characters"
        yield "records", lambda: _records(source, feed, at, seen)


def reached(settings: Settings, feed: Feed, at: datetime) -> Iterator[Look]:
    """Name, connection and, where it is to be secured, TLS and how long the certificate lasts."""
    yield "name", lambda: named(feed)
    scheme, host, port = address(feed)
    yield "connection", lambda: connected(host, port)
    if scheme == "https":
        yield "tls", lambda: secured(settings, feed, host, port)
        yield "certificate", lambda: lasting(settings, feed, host, port, at)


def address(feed: Feed) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parts = urlsplit(feed.url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


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


def _clock(source: RestSource, at: datetime) -> str:
    """How far the source's clock is away.

    Raises:
        Doubt: Too far, or it tells no instant: records that seem to come from the future are quarantined.
    """
    remedy = "ask the province to set its clock; records from the future are quarantined (DOS-008)."
    told = str(source.health().get("time"))
    try:
        shown = datetime.fromisoformat(told)
    except ValueError:
        raise Doubt("the source's clock tells no instant", remedy) from None
    if shown.tzinfo is None:
        raise Doubt("the source's clock names no offset", remedy)
    away = (shown - at).total_seconds()
    if abs(away) > _CLOCK_SECONDS:
        raise Doubt(f"the source's clock is {away:+.0f} s away from the run's instant", remedy)
    return f"{away:+.0f} s from the run's instant"


def _records(source: RestSource, feed: Feed, at: datetime, seen: Seen) -> str:
    layout = dialects.load(feed.dialect).layout
    return sampled(lambda since: source.sample(at, SAMPLE, since), layout, seen)
