"""``python -m infra.sandbox serve``: the provinces' servers over the world of a home."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from infra.sandbox.server import application, tls


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="infra.sandbox", description=__doc__)
    parser.add_argument("verb", choices=["serve"])
    parser.add_argument("--home", type=Path, required=True, help="home whose folder sandbox/ holds the world")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls", type=Path, help="folder with server.pem, server.key, and clients.pem or not")
    asked = parser.parse_args()
    uvicorn.run(
        application(asked.home / "sandbox"),
        host="127.0.0.1",
        port=asked.port,
        log_level="warning",
        **tls(asked.tls),
    )


if __name__ == "__main__":
    main()
