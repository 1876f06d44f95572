"""``python -m infra.sandbox serve``: the provinces' servers over the world of a home."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path

import uvicorn

from infra.sandbox.drop import Drop
from infra.sandbox.server import application, tls


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="infra.sandbox", description=__doc__)
    parser.add_argument("verb", choices=["serve"])
    parser.add_argument("--home", type=Path, required=True, help="home whose folder sandbox/ holds the world")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls", type=Path, help="folder with server.pem, server.key, and clients.pem or not")
    parser.add_argument("--sftp-port", type=int, help="port of the SFTP server; none without it")
    parser.add_argument("--inbox", type=Path, help="JSON that tells where files are put and as whom")
    asked = parser.parse_args()
    uvicorn.run(
        application(
            asked.home / "sandbox",
            sftp=socket.create_server(("127.0.0.1", asked.sftp_port)) if asked.sftp_port else None,
            drop=Drop.read(asked.inbox) if asked.inbox else None,
        ),
        host="127.0.0.1",
        port=asked.port,
        log_level="warning",
        **tls(asked.tls),
    )


if __name__ == "__main__":
    main()
