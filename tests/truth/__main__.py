"""``make truth``: what became of every fault that the sandbox put in, over several seeds.

Each seed's nation is pulled, conformed and merged on the evenings of ``--days``, and the registers are
compared with its truth. Tables by kind, and by dialect and kind, go to standard output; the exit code is 1
when a detectable kind is silently wrong, told with another code, stopped though it can be repaired, or
missing, when a dialect is, or when more than 0.5 % of the clean records are stopped for nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from infra import embedded
from infra.embedded.home import prepare
from infra.sandbox.dirt import PROFILES
from jobs import session
from jobs.settings import Settings, load_settings
from tests.support.line import empty
from tests.support.sandbox import nation
from tests.support.verdicts import Verdict, judge
from tests.truth import table

CORE = ("postgres", "store", "spark")


def verdict(
    settings: Settings, folder: Path, *, seed: str, scale: float, profile: str, days: Sequence[int]
) -> Verdict:
    """The verdict on one seed's nation, served on the given evenings from an empty line."""
    shutil.rmtree(folder, ignore_errors=True)
    line = empty(settings, folder / "none")
    with nation(line, folder, scale=scale, profile=profile, seed=seed) as country:
        for day in days:
            country.advance(day)
            _, late = country.pull(day, *(("baseline", "dossiers") if day == days[0] else ("dossiers",)))
            if late:
                raise RuntimeError(f"sources failed: {', '.join(late)}")
            country.serve(day)
        return judge(country.line.settings, country.folder, day=days[-1])


def main() -> int:
    """Runs every seed in a home of its own, which is stopped afterwards."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default="2026,7,11")
    parser.add_argument("--scale", type=float, default=0.5)
    parser.add_argument("--profile", choices=sorted(set(PROFILES) - {"clean"}), default="typical")
    parser.add_argument("--days", default="1,3", help="evenings on which the line runs")
    parser.add_argument("--home", type=Path, default=Path(".lienthong-truth"))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    home = asked.home.resolve()
    days = [int(day) for day in asked.days.split(",")]
    verdicts: dict[str, Verdict] = {}
    try:
        prepare(home)
        embedded.up(home, CORE)
        settings = load_settings({"LIENTHONG_HOME": str(home)})
        for seed in asked.seeds.split(","):
            print(f"seed {seed}", file=sys.stderr, flush=True)
            verdicts[seed] = verdict(
                settings,
                home / "nation",
                seed=seed,
                scale=asked.scale,
                profile=asked.profile,
                days=days,
            )
    finally:
        session.disconnect()
        embedded.down(home)
    print(table.table(verdicts), "", *table.summary(verdicts), "", table.by_dialect(verdicts), sep="\n")
    if asked.json:
        asked.json.write_text(json.dumps(table.plain(verdicts), indent=1))
    broken = table.failures(verdicts)
    for one in broken:
        print(one, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
