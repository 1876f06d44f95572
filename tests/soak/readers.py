"""Ministries that read the registers' views: pgbench, under the role that may read them and no more."""

from __future__ import annotations

import math
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.embedded.postgres import binaries
from jobs.settings import Settings
from schemas.contract import REGISTERS, Register
from schemas.derive.access import reader
from schemas.registry import folded

_RATE = 20
"""Queries per second and register; pgbench counts the latency from when a query was due."""
_SLICE = 5
"""Seconds of one run of pgbench."""


@dataclass(slots=True)
class Latencies:
    """Milliseconds of every query."""

    taken: list[float] = field(default_factory=list)

    def told(self) -> dict[str, float]:
        """Number of queries, their median and 95th percentile."""
        return {"queries": len(self.taken), "p50_ms": rank(self.taken, 0.5), "p95_ms": rank(self.taken, 0.95)}


def rank(values: Sequence[float], share: float) -> float:
    """The smallest value that a share of all do not exceed (nearest rank); 0 where there is none.

    >>> rank([3, 1, 2, 4], 0.5)
    2
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0


def idle(settings: Settings, seconds: int) -> Latencies:
    """What readers wait for while nothing else runs."""
    found = Latencies()
    for _ in range(max(1, seconds // _SLICE)):
        _slice(settings, found)
    return found


@contextmanager
def reading(settings: Settings) -> Iterator[Latencies]:
    """Readers that ask for as long as the block lasts; their latencies are whole after it."""
    found, over = Latencies(), threading.Event()

    def go_on() -> None:
        while not over.is_set():
            _slice(settings, found)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(go_on)
        try:
            yield found
        finally:
            over.set()
        asking.result()


def _slice(settings: Settings, found: Latencies) -> None:
    with ThreadPoolExecutor(len(REGISTERS)) as pool:
        for taken in pool.map(lambda register: _pgbench(settings, register), REGISTERS):
            found.taken += taken


def _pgbench(settings: Settings, register: Register) -> list[float]:
    """Latencies of one slice; a query that fails raises."""
    noun = folded(register)[0].info.noun
    look_up = (
        "\\set n random(1, 1000000000)\n"
        f"SELECT * FROM v_{noun} WHERE entity_id >= md5(:n::text) ORDER BY entity_id LIMIT 1;\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "look_up.sql"
        script.write_text(look_up)
        command = [
            *(str(binaries() / "pgbench"), "--no-vacuum"),
            *("--file", str(script), "--client", "2", "--rate", str(_RATE), "--time", str(_SLICE)),
            *("--log", f"--log-prefix={folder}/taken", settings.register_url(register.value)),
        ]
        role = {"PGOPTIONS": f"-c role={reader(register)}"}
        subprocess.run(command, check=True, capture_output=True, env=role)
        lines = [line for log in Path(folder).glob("taken.*") for line in log.read_text().splitlines()]
    return [int(line.split()[2]) / 1000 for line in lines]
