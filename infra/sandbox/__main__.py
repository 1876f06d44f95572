"""``python -m infra.sandbox serve``: the provinces' servers over the world of a home."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from infra.sandbox.server import application


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="infra.sandbox", description=__doc__)
    parser.add_argument("verb", choices=["serve"])
    parser.add_argument("--home", type=Path, required=True, help="home whose folder sandbox/ holds the world")
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    uvicorn.run(application(asked.home / "sandbox"), host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
