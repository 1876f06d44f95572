"""``make scale-out``: a sandbox's day in this process' Spark and on a cluster of two one-core workers.

Only the setting of the master differs. The registers of both must be equal, none of them empty, and both
ledgers verify; exit 1 otherwise. Options: ``--scale``, ``--home``.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from infra import embedded
from infra.embedded.home import prepare
from jobs import session
from jobs.ledger.verify import verify
from jobs.settings import load_settings
from schemas.contract import REGISTERS
from schemas.registry import folded
from tests.scale_out.cluster import cluster
from tests.support import registers
from tests.support.line import empty
from tests.support.sandbox import nation
from tests.support.stages import Clock

_CORE = ("postgres", "store", "spark")


def lived(home: Path, scale: float, clock: Clock, master: str | None = None) -> registers.State:
    """The registers' state after the baseline and day 1, in a fresh home whose Spark has a given master."""
    prepare(home, spark_memory="2g")
    name = "local" if master is None else "cluster"
    try:
        embedded.up(home, _CORE, spark_master=master)
        settings = load_settings({"LIENTHONG_HOME": str(home)})
        (home / "none").mkdir()
        with nation(empty(settings, home / "none"), home / "world", scale=scale) as country:
            country.advance(1)
            with clock.stage(f"{name} pull"):
                _, late = country.pull(1, "baseline", "dossiers")
            with clock.stage(f"{name} conform and merge"):
                country.serve(1)
            with clock.stage(f"{name} verify"):
                told = verify(country.line.settings)
            if late or not told["verified"]:
                raise RuntimeError(f"{name}: {late or told['first_difference']}")
            return country.state()
    finally:
        session.disconnect()
        embedded.down(home)


def main() -> int:
    """Lives the day twice and compares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--home", type=Path, default=Path(".lienthong-scale-out"))
    asked = parser.parse_args()
    home, clock = asked.home.resolve(), Clock()
    shutil.rmtree(home, ignore_errors=True)
    local = lived(home / "local", asked.scale, clock)
    with cluster(home / "workers", workers=2) as master:
        spread = lived(home / "spread", asked.scale, clock, master)
    rows = sum(len(rows) for rows in local.values())
    executors = len(list((home / "workers").glob("worker-*/app-*/*/stderr")))
    wrong = faults(local, spread, executors)
    print(f"{rows} rows of {len(local)} tables, {executors} executors: {', '.join(wrong) or 'equal'}")
    return 1 if wrong else 0


def faults(local: registers.State, spread: registers.State, executors: int) -> list[str]:
    """What speaks against the run; two registers without rows are no proof of anything."""
    empty = [one for one in REGISTERS if not any(local[contract.info.noun] for contract in folded(one))]
    return [
        *(f"{noun} differs" for noun in local if local[noun] != spread[noun]),
        *(f"{register.value} is empty" for register in empty),
        *(["fewer than two executors"] if executors < 2 else []),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
