"""Seeded faults on a stack of its own: ``python -m tests.faults [--seed N] [--count N] [--only STEP]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.embedded import down, status, up
from infra.embedded.home import SPARK_JAVA_IN_HASTE, prepare
from jobs import session
from jobs.settings import load_settings
from tests.faults import checker, course, schedule
from tests.support.line import empty


def main(home: Path, *, seed: int, count: int, only: int | None, short: bool) -> int:
    """Lives as many courses as there are seeds and prints how they ended; 0 when all ended right."""
    is_mine = "RUNNING" not in status(home).values()
    prepare(home, spark_memory="2g", spark_java=SPARK_JAVA_IN_HASTE)
    lives: list[schedule.Life] = []
    try:
        up(home, ("postgres", "store", "spark"), print)
        lives.extend(_lived(home, range(seed, seed + count), only=only, short=short))
    finally:
        session.disconnect()
        if is_mine:
            down(home)
        print("\n".join(schedule.table(lives, "make faults")))
    return 0 if all(one.is_right() for one in lives) else 1


def _lived(home: Path, seeds: range, *, only: int | None, short: bool) -> Iterator[schedule.Life]:
    settings = load_settings({"LIENTHONG_HOME": str(home)})
    with TemporaryDirectory() as folder:

        def stages(name: str) -> tuple[course.Stage, ...]:
            return course.SHORT if short else course.long(Path(folder) / f"backup-{name}")

        def line(name: str) -> course.Line:
            sources = Path(folder) / name
            sources.mkdir()
            return empty(settings, sources)

        plain = line("undisturbed")
        course.undisturbed(plain, stages("undisturbed"))
        expected = checker.state(plain.settings)
        for number in seeds:
            print(f"seed {number}", flush=True)
            one = schedule.live(
                line(str(number)), stages(str(number)), expected, seed=number, only=only, told=print
            )
            print(f"  {one.verdict} {one.stuck or 'ended'} {one.seconds:.0f} s", flush=True)
            yield one


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".lienthong-faults"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--only", type=int, help="number of the one step that is disturbed")
    parser.add_argument("--short", action="store_true", help="two days alone")
    asked = parser.parse_args()
    sys.exit(main(asked.home.resolve(), **{k: v for k, v in vars(asked).items() if k != "home"}))
