"""What is wrong with a source, in seconds, and what to do."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jobs import ops
from jobs.errors import LienthongError
from jobs.settings import Settings
from jobs.sources import database
from jobs.sources.credentials import credentials_of
from jobs.sources.delivery import Request, Window
from jobs.sources.directory import DirectorySource
from jobs.sources.earlier import Earlier, earlier
from jobs.sources.interface import interface_of
from jobs.sources.model import Feed
from jobs.sources.rest import RestSource
from jobs.sources.tls import closes_unasked, context_of, refusal_of
from schemas import dialect as dialects

_CLOCK_SECONDS = 300
_PORTS = {"https": 443, "http": 80, "sftp": 22, "postgresql": 5432, "mysql": 3306}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at."""

    step: str
    ok: bool
    told: str
    remedy: str | None = None


def check(settings: Settings, feed: Feed, *, at: datetime, names: bool = False) -> list[dict[str, Any]]:
    """Looks at a source step by step; the first step that fails ends the list.

    Names of files are told when they are asked for: a name may be a person's.
    """
    steps = []
    for look in _looks(settings, feed, at, names=names):
        step = _safely(look)
        steps.append(asdict(step))
        if not step.ok:
            break
    return steps


def _safely(look: tuple[str, Callable[[], str]]) -> Step:
    name, act = look
    try:
        return Step(name, ok=True, told=act())
    except LienthongError as error:
        return Step(name, ok=False, told=error.message, remedy=error.remedy)
    except OSError as error:
        return Step(
            name, ok=False, told=f"{type(error).__name__}: {error}", remedy="see the URL and the network."
        )
    except ValueError as error:
        return Step(name, ok=False, told=str(error), remedy="correct the source's file or its mapping.")


def _looks(
    settings: Settings, feed: Feed, at: datetime, *, names: bool
) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "mapping", lambda: f"dialect {dialects.load(feed.dialect).name} is readable"
    if feed.kind == "directory":
        yield from _looks_at_files(settings, feed, at, names=names)
        return
    yield "name", lambda: _named(feed)
    if feed.kind == "database":
        yield "connection", lambda: _connected(*_address(feed)[1:])
        yield "credentials", lambda: _credentials(settings, feed)
        yield from database.looks(settings, feed)
        return
    scheme, host, port = _address(feed)
    yield "connection", lambda: _connected(host, port)
    if scheme == "https":
        yield "tls", lambda: _secured(settings, feed, host, port)
    interface = interface_of(feed.dialect)
    if interface.auth != "none":
        yield "credentials", lambda: _credentials(settings, feed)
    if feed.kind == "soap":
        yield "answer", lambda: _answer(settings, feed, at)
        return
    source = RestSource(feed, settings)
    if interface.health is not None:
        yield "health", lambda: str(source.health().get("status"))
        yield "clock", lambda: _clock(source, at)
    if interface.auth == "bearer":
        yield "token", lambda: f"granted, {len(source.token() or '')} characters"
    yield "schema", lambda: _schema(source, feed, at)


def _looks_at_files(
    settings: Settings, feed: Feed, at: datetime, *, names: bool
) -> Iterator[tuple[str, Callable[[], str]]]:
    if feed.url.startswith("sftp://"):
        yield "name", lambda: _named(feed)
        _, host, port = _address(feed)
        yield "connection", lambda: _connected(host, port)
    if feed.credentials is not None:
        yield "credentials", lambda: _credentials(settings, feed)
    if feed.url.startswith("sftp://"):
        yield "host key", lambda: _logged_in(settings, feed)
    yield (
        "bucket" if feed.url.startswith("s3://") else "folder",
        lambda: _files(settings, feed, at, names=names),
    )


def _address(feed: Feed) -> tuple[str, str, int]:
    parts = urlsplit(feed.url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _named(feed: Feed) -> str:
    _, host, port = _address(feed)
    return f"{host} is {socket.getaddrinfo(host, port)[0][4][0]}"


def _credentials(settings: Settings, feed: Feed) -> str:
    credentials_of(feed, settings)
    return f"{feed.credentials} is known"


def _logged_in(settings: Settings, feed: Feed) -> str:
    from jobs.sources.sftp import SftpFolder  # noqa: PLC0415  (SSH is imported by those who speak it)

    with SftpFolder(feed, settings) as folder:
        return f"{folder.fingerprint()} is pinned, and the server takes our credentials"


def _files(settings: Settings, feed: Feed, at: datetime, *, names: bool) -> str:
    before = earlier(ops.engine(settings), feed) if feed.rule == "size" else Earlier()
    request = Request(Window(), {}, before.known, at, stamps=before.stamps, looks=before.looks)
    seen = DirectorySource(feed, settings).seen(request)
    told = f"{seen.files} files match in {Path(feed.url).name or feed.url}"
    if seen.newest is not None:
        changed = datetime.fromtimestamp(seen.newest.modified, UTC)
        told += f", the newest of {changed:%Y-%m-%d %H:%M} UTC"
        told += f" ({seen.newest.shown})" if names else ""
    for why, number in sorted(Counter(seen.waiting.values()).items()):
        told += f"; {number} wait: {why}"
    if names and seen.waiting:
        told += f": {', '.join(sorted(seen.waiting))}"
    return told


def _connected(host: str, port: int) -> str:
    with socket.create_connection((host, port), timeout=5):
        return f"port {port} is open"


def _secured(settings: Settings, feed: Feed, host: str, port: int) -> str:
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


def _clock(source: RestSource, at: datetime) -> str:
    shown = datetime.fromisoformat(str(source.health().get("time")))
    if shown.tzinfo is None:
        raise ValueError("the source's clock names no offset")
    away = (shown - at).total_seconds()
    if abs(away) > _CLOCK_SECONDS:
        raise ValueError(f"the source's clock is {away:+.0f} s away from the run's instant")
    return f"{away:+.0f} s from the run's instant"


def _answer(settings: Settings, feed: Feed, at: datetime) -> str:
    """What the population database says of somebody whom nobody can be."""
    from jobs.sources.population import messages  # noqa: PLC0415  (SOAP is imported by those who speak it)
    from jobs.sources.population.service import Service  # noqa: PLC0415

    service, nobody = Service(feed, settings), messages.Question("", "000000000000", "Không có ai", "1900")
    asked = nobody.message(nobody.code(b""), service.account, feed.asks_as)
    outcome = service.outcome(nobody, asked, at.isoformat())
    if outcome in messages.NO_ANSWERS:
        raise ValueError(f"a question about nobody gives no answer ({outcome})")
    return f"a question about nobody is answered: {outcome}"


def _schema(source: RestSource, feed: Feed, at: datetime) -> str:
    item = source.first(at)
    wanted = {
        one.path.partition(".")[0].removesuffix("[]")
        for readings in dialects.load(feed.dialect).header.values()
        for one in readings
    }
    if not item:
        return "no item to look at yet"
    missing = sorted(wanted - set(item))
    absent = ", ".join(missing) or "none"
    return f"{len(wanted) - len(missing)} of {len(wanted)} mapped fields in the first item; absent: {absent}"
