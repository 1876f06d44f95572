"""TLS in front of a PostgreSQL server that is built without: as a pooler before it would have it."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PART = 1 << 16


@contextmanager
def terminated(address: tuple[str, int], tls: ssl.SSLContext) -> Iterator[int]:
    """Port on which clients that ask for TLS get it, and are passed on to the address without."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, address, tls), daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, address: tuple[str, int], tls: ssl.SSLContext) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, address, tls), daemon=True).start()


def _serve(client: socket.socket, address: tuple[str, int], tls: ssl.SSLContext) -> None:
    with client, suppress(OSError):
        client.recv(8)  # The request for TLS (PostgreSQL, Message Formats, SSLRequest).
        client.sendall(b"S")
        with (
            tls.wrap_socket(client, server_side=True) as secured,
            socket.create_connection(address) as service,
        ):
            while True:
                ready = [] if secured.pending() else select.select([secured, service], [], [])[0]
                source, sink = (service, secured) if service in ready else (secured, service)
                data = source.recv(_PART)
                if not data:
                    return
                sink.sendall(data)
