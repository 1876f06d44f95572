"""``make soak``: 34 provinces over many simulated days on the real stack, and what they leave behind.

Each day is pulled, conformed and merged as a run would, while ministries read the registers; weekly the
lake is maintained beside the load. After each day memory, tables, files and disk are measured. At the
end the ledger is verified and every figure is judged: flat, or not. Exit 1 when something grows that must
not, or the ledger does not verify.

Stopped at any time and called again it goes on with the next day: days done are in ``<home>/soak.json``.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from infra import embedded
from infra.sandbox.home import configure
from jobs import session
from jobs.lake import maintenance
from jobs.ledger.verify import verify
from jobs.settings import Settings, load_settings
from jobs.setup import prepare
from tests.soak import measures, readers
from tests.soak.verdict import verdicts
from tests.support.line import at_day
from tests.support.stages import Clock, advance, by_hand

_CORE = ("postgres", "store", "spark", "sandbox")
_IDLE_SECONDS = 10
Days = list[dict[str, Any]]


def swept(told: dict[str, Any]) -> dict[str, int]:
    """What a maintenance did to the files of all tables."""
    names = ("rewritten_files", "added_files", "expired_files", "orphan_files")
    return {name: sum(table[name] for table in told["tables"].values()) for name in names}


def lived(settings: Settings, number: int, days: Days, asked: argparse.Namespace) -> dict[str, Any]:
    """One day: readers alone, then readers beside the load, and weekly beside maintenance too."""
    begun = datetime.now(UTC)
    advance(settings, number)
    alone = readers.idle(settings, _IDLE_SECONDS)
    is_maintained = number % asked.maintain_every == 0
    oldest = days[max(0, len(days) - asked.keep_days)]["begun"] if days else begun.isoformat()
    clock = Clock(_quiet)
    with ExitStack() as beside, readers.reading(settings) as busy:
        maintaining = None
        if is_maintained:
            processes = beside.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
            keep = datetime.now(UTC) - datetime.fromisoformat(oldest)
            maintaining = processes.submit(maintenance.maintain, settings, at=at_day(number), keep=keep)
        rows = by_hand(settings, clock, number, "*-dossiers*")
        maintained = swept(maintaining.result()) if maintaining else None
    measured = measures.everything(settings, session.connect(settings))
    session.disconnect()
    return {
        "day": number,
        "begun": begun.isoformat(),
        "rows": rows,
        "seconds": clock.seconds,
        "is_maintained": is_maintained,
        "maintained": maintained,
        "readers": {"idle": alone.told(), "busy": busy.told()},
        **measured,
    }


def _quiet(_: str) -> None:
    """A day is told whole."""


def told(day: dict[str, Any]) -> str:
    """A day's line of the table."""
    memory, lake = day["memory"], day["lake"].values()
    stages = dict.fromkeys(("pull", "conform", "merge"), 0.0)
    for name, seconds in day["seconds"].items():
        stages[name.split()[2]] += seconds
    columns = [
        f"{day['day']:>3}",
        f"{day['rows']:>7,}",
        *(f"{seconds:>7.1f}" for seconds in stages.values()),
        *(f"{memory[name]:>7.0f}" for name in ("spark heap", "spark", "postgres", "store", "driver")),
        *(f"{sum(table[name] for table in lake):>7,}" for name in ("rows", "files", "snapshots")),
        f"{sum(table['bytes'] for table in lake) / 1e6:>7.1f}",
        f"{sum(one['bytes'] for one in day['databases'].values()) / 1e6:>7.1f}",
        f"{sum(day['disk'].values()) / 1e6:>7.0f}",
        *(f"{day['readers'][when]['p95_ms']:>7.1f}" for when in ("idle", "busy")),
        "maintained" if day["is_maintained"] else "",
    ]
    return " ".join(columns)


_HEAD = (
    "day    rows    pull conform   merge    heap   spark      pg   store  driver    lake   files   snaps"
    " lake MB   pg MB disk MB    idle    busy\n"
    "               s       s       s     MiB     MiB     MiB     MiB     MiB    rows"
    "                                         p95 ms  p95 ms"
)


def report(days: Days, ledger: dict[str, Any]) -> bool:
    """Tells the verdicts; whether all is flat and the ledger verifies."""
    print(f"\n{'':<38}{'second third':>14}{'last third':>14}")
    found = verdicts(days)
    for one in found:
        print(
            f"{one.what:<38}{one.before:>14,.1f}{one.after:>14,.1f}  {'flat' if one.is_flat else 'NOT flat'}"
        )
    idle, busy = (max(day["readers"][when]["p95_ms"] for day in days) for when in ("idle", "busy"))
    print(f"readers, worst day's p95: idle {idle:.1f} ms, beside loads {busy:.1f} ms ({busy / idle:.1f} x)")
    print(f"ledger: {'verified' if ledger['verified'] else ledger['first_difference']}")
    return bool(ledger["verified"]) and all(one.is_flat for one in found)


def soak(home: Path, asked: argparse.Namespace) -> bool:
    """Runs the days that are not done yet, and tells what all of them say."""
    path = home / "soak.json"
    configure(home / "sandbox", seed=asked.seed, scale=asked.scale, profile="typical")
    embedded.up(home, _CORE)
    settings = load_settings({"LIENTHONG_HOME": str(home)})
    prepare(settings)
    days: Days = json.loads(path.read_text())["days"] if path.exists() else []
    if not days:
        advance(settings, 0)
        by_hand(settings, Clock(_quiet), 0, "*-baseline")
    print(_HEAD, *map(told, days), sep="\n", flush=True)
    for number in range(len(days) + 1, asked.days + 1):
        days.append(lived(settings, number, days, asked))
        path.write_text(json.dumps({"scale": asked.scale, "seed": asked.seed, "days": days}, indent=1))
        print(told(days[-1]), flush=True)
    ledger = verify(settings)
    is_flat = report(days, ledger)
    whole = {"scale": asked.scale, "seed": asked.seed, "is_flat": is_flat, "ledger": ledger, "days": days}
    if asked.json:
        asked.json.write_text(json.dumps(whole, indent=1))
    return is_flat


def main() -> int:
    """Runs the soak in a home of its own, whose services are stopped afterwards."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--scale", type=float, default=0.2)
    parser.add_argument("--seed", default="soak")
    parser.add_argument("--maintain-every", type=int, default=7, help="days from one maintenance to the next")
    parser.add_argument("--keep-days", type=int, default=7, help="days that replaced snapshots are kept")
    parser.add_argument("--home", type=Path, default=Path(".lienthong-soak"))
    parser.add_argument("--json", type=Path, help="file for every figure of every day")
    asked = parser.parse_args()
    home = asked.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    try:
        return 0 if soak(home, asked) else 1
    finally:
        session.disconnect()
        embedded.down(home)


if __name__ == "__main__":
    raise SystemExit(main())
