"""One supervised process, and how it is asked whether it is ready."""

from __future__ import annotations

import socket
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Service:
    """One supervised process."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: Callable[[], bool]
    prepare: Callable[[], None] | None = None
    """What must be done once before its first start."""
    started: Callable[[], None] | None = None
    """What must be done when it is ready."""
    after: tuple[str, ...] = ()
    patience: int = 90
    """Seconds until a start counts as failed."""


def listens(port: str) -> bool:
    """Whether something on loopback accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def answers(url: str) -> bool:
    """Whether a GET of the URL gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
