"""A TCP proxy in front of a service, and what may happen to what passes it."""

from __future__ import annotations

import re
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from jobs.settings import Settings

Kind = Literal["refuse", "busy", "delay", "cut", "truncate", "drop", "repeat"]
_PART = 1 << 16
_CONTINUE = b"HTTP/1.1 100"
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_PATIENCE = 30
"""Seconds for an answer that is waited for to be thrown away."""


@dataclass(frozen=True, slots=True)
class Toxic:
    """What happens to a request, and when."""

    kind: Kind
    """``refuse`` closes; ``busy`` answers 503; ``delay`` holds the request; ``cut`` resets and ``truncate``
    ends the connection within the answer; ``drop`` forwards the request and loses the answer; ``repeat``
    sends the request twice and loses the first answer."""
    request: bytes = b""
    """Pattern within the requests that it may happen to; all that is sent when empty."""
    first: int = 1
    """The first such request, counted from 1 over all connections."""
    times: int = 1
    after: int = 0
    """Bytes of the answer that pass before it is cut or truncated."""
    seconds: float = 0.0


class Proxy:
    """Passes connections on to one address; ``fired`` counts how often its toxic happened."""

    def __init__(self, address: tuple[str, int], toxic: Toxic) -> None:
        self.fired = 0
        self._address, self._toxic = address, toxic
        self._seen, self._lock = 0, threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accepts no more connections; those that there are go on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(self._address) as service:
            while True:
                ready, _, _ = select.select([client, service], [], [])
                if client in ready:
                    data = client.recv(_PART)
                    if not data or not self._asked(client, service, data):
                        return
                if service in ready:
                    data = service.recv(_PART)
                    if not data:
                        return
                    client.sendall(data)

    def _asked(self, client: socket.socket, service: socket.socket, data: bytes) -> bool:
        """Passes a part of a request on, in the way of the toxic; whether the connection goes on."""
        kind = self._toxic.kind if self._is_meant(data) else None
        if kind == "refuse":
            return False
        if kind == "busy":
            client.sendall(_BUSY)
            return False
        if kind == "delay":
            time.sleep(self._toxic.seconds)
        if kind == "repeat":
            data = _whole(client, data)
            with socket.create_connection(self._address, timeout=_PATIENCE) as other:
                other.sendall(data)
                other.recv(_PART)
        service.sendall(data)
        if kind in ("cut", "truncate", "drop"):
            self._broken(client, service, kind)
            return False
        return True

    def _is_meant(self, data: bytes) -> bool:
        if not re.search(self._toxic.request, data):
            return False
        with self._lock:
            self._seen += 1
            is_meant = 0 <= self._seen - self._toxic.first < self._toxic.times
            self.fired += is_meant
        return is_meant

    def _broken(self, client: socket.socket, service: socket.socket, kind: Kind) -> None:
        """The first bytes of the answer, then the end of the connection."""
        while True:
            ready, _, _ = select.select([client, service], [], [], _PATIENCE)
            if client in ready:
                service.sendall(client.recv(_PART))
            answer = service.recv(_PART) if service in ready else b""
            if answer.startswith(_CONTINUE):
                client.sendall(answer)
            elif answer or not ready:
                break
        if kind != "drop":
            client.sendall(answer[: self._toxic.after])
        if kind != "truncate":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _whole(client: socket.socket, data: bytes) -> bytes:
    """The whole of an HTTP request that has begun."""
    head, _, body = data.partition(b"\r\n\r\n")
    stated = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    while stated and len(body) < int(stated[1]):
        more = client.recv(_PART)
        data, body = data + more, body + more
    return data


@contextmanager
def between(settings: Settings, toxics: Mapping[str, Toxic]) -> Iterator[tuple[Settings, dict[str, Proxy]]]:
    """Settings that reach some services through proxies.

    Args:
        settings: Where the services are.
        toxics: By the name of the setting that holds the service's URL.
    """
    with ExitStack() as stack:
        proxies, urls = {}, {}
        for name, toxic in toxics.items():
            parts = urlsplit(getattr(settings, name))
            proxies[name] = proxy = Proxy((parts.hostname or "", parts.port or 0), toxic)
            stack.callback(proxy.close)
            user, at, _ = parts.netloc.rpartition("@")
            urls[name] = urlunsplit(parts._replace(netloc=f"{user}{at}127.0.0.1:{proxy.port}"))
        yield settings.model_copy(update=urls), proxies
