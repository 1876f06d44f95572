"""Starts or stops a home by hand: ``python -m infra.embedded up|down HOME [service …]``."""

from __future__ import annotations

import sys
from pathlib import Path

from infra.embedded import EVERYTHING, down, up

if __name__ == "__main__":
    verb, home, *names = sys.argv[1:]
    if verb == "down":
        down(Path(home).resolve())
    else:
        up(Path(home).resolve(), names or EVERYTHING, lambda text: print(text, flush=True))  # noqa: T201
