"""``make bench``: rates and ratios of one run, beside the goals and the committed baseline.

Works can be named to run them alone: ``python -m tests.bench extract staging``. ``--scale`` makes each
smaller or larger than it is meant; figures are compared with a baseline of the same scale. Everything runs
in a home of its own, which is stopped afterwards. ``--keep`` writes the figures into the baseline.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from infra import embedded
from infra.embedded.home import SPARK_JAVA, SPARK_MEMORY
from infra.embedded.home import prepare as prepare_home
from jobs import session
from jobs.settings import load_settings
from jobs.setup import prepare
from tests.bench import (
    changed,
    day,
    dialects,
    extract,
    figures,
    gigabyte,
    national,
    reading,
    replayed,
    rules,
    staging,
    unchanged,
)
from tests.bench.bench import CORE, Bench, timed
from tests.bench.figures import Figure

WORKS = {
    "extract": extract.measured,
    "reading": reading.measured,
    "rules": rules.measured,
    "staging": staging.measured,
    "changed": changed.measured,
    "unchanged": unchanged.measured,
    "replayed": replayed.measured,
    "dialects": dialects.measured,
    "day": day.measured,
    "gigabyte": gigabyte.measured,
    "national": national.measured,
}
"""The light ones first, and before six dialects have left their programs on the server: the rules took 5.9 s
after them and 4.4 s before. A day replaces what the others left in the home."""
APART = ("gigabyte", "national")
"""Works that are run when they are named: they take long, and a nation wants a home of its own."""


def run(bench: Bench, names: Sequence[str]) -> tuple[dict[str, list[Figure]], list[str]]:
    """Figures by work, each told when it is done, and the works that failed: the others go on."""
    known, found, failed = figures.baseline(), {}, []
    for name in names:
        try:
            found[name] = list(WORKS[name](bench))
        except Exception:  # noqa: BLE001  (an hour of figures is not lost for one work)
            traceback.print_exc()
            failed.append(name)
            continue
        print(figures.table(name, found[name], known, bench.scale), flush=True)
    return found, failed


def _asked() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "works",
        nargs="*",
        metavar="WORK",
        help=f"of {', '.join(WORKS)}; by default all but {', '.join(APART)}",
    )
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--home", type=Path, default=Path(".lienthong-bench"))
    parser.add_argument("--spark-memory", default=SPARK_MEMORY)
    parser.add_argument("--spark-java", default=SPARK_JAVA, help="options of its Java machine")
    parser.add_argument("--json", type=Path, help="file for the figures; bench.json of the home by default")
    parser.add_argument("--keep", action="store_true", help="make the figures the baseline")
    parser.add_argument("--no-airflow", action="store_true")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.works) - set(WORKS)):
        parser.error(f"there is no work {', '.join(unknown)}; there are {', '.join(WORKS)}")
    return asked


def main() -> int:
    """Runs the works in a fresh stack; 1 when one failed."""
    asked = _asked()
    home = asked.home.resolve()
    prepare_home(home, spark_memory=asked.spark_memory, spark_java=asked.spark_java)
    try:
        with timed("start of PostgreSQL, store and Spark"):
            embedded.up(home, CORE)
        settings = load_settings({"LIENTHONG_HOME": str(home)})
        prepare(settings)
        with timed("Spark session"):
            session.connect(settings).range(1).count()
        bench = Bench(home, settings, asked.scale, with_airflow=not asked.no_airflow)
        found, failed = run(bench, asked.works or [name for name in WORKS if name not in APART])
    finally:
        session.disconnect()
        embedded.down(home)
    told = figures.plain(found, asked.scale) | {"failed": failed}
    print(*bench.notes, sep="\n")
    print(json.dumps(told["machine"]))
    (asked.json or home / "bench.json").write_text(json.dumps(told, indent=1))
    if asked.keep:
        whole = figures.merged(figures.baseline(), told)
        figures.BASELINE.write_text(json.dumps(whole, indent=1) + "\n")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
