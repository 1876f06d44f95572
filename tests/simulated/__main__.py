"""Seeded fault schedules of the protocol on a PostgreSQL of its own.

``python -m tests.simulated [--seed N] [--count N]``; a seed that does harm is printed with its faults and
can be lived again alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from infra.embedded import down, up
from infra.embedded.home import prepare
from jobs import ops
from jobs.registry import databases
from jobs.settings import load_settings
from tests.simulated.history import violations
from tests.simulated.simulation import lived

_TOLD_EVERY = 500


def main(home: Path, *, seed: int, count: int) -> int:
    """Lives the schedules and prints what they injected; 0 when none did harm."""
    prepare(home)
    begun, injected, harmful = time.monotonic(), Counter[str](), 0
    try:
        up(home, ("postgres",), print)
        settings = load_settings({"LIENTHONG_HOME": str(home)})
        databases.migrate_ops(ops.engine(settings))
        for number in range(seed, seed + count):
            line = lived(settings, number)
            injected.update(line.faults)
            if found := violations(line):
                harmful += 1
                print(f"seed {number}: {found} after {line.faults}", flush=True)
            if (number - seed + 1) % _TOLD_EVERY == 0:
                print(f"{number - seed + 1} schedules, {harmful} with harm", flush=True)
    finally:
        down(home)
    for fault, times in sorted(injected.items()):
        print(f"{times:>8}  {fault}")
    print(
        f"{count} schedules, {injected.total()} faults, {time.monotonic() - begun:.0f} s: {harmful} with harm"
    )
    return 1 if harmful else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.simulated", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".lienthong-simulated"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10_000)
    asked = parser.parse_args()
    sys.exit(main(asked.home.resolve(), seed=asked.seed, count=asked.count))
