"""A whole nation through Airflow: the baseline, the dossiers of three months, a day, and the ledger."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from infra import embedded
from infra.sandbox.home import configure
from jobs.ledger import landing
from jobs.ledger.verify import verify
from jobs.sync import Asked, sync
from tests.bench.bench import Bench, timed
from tests.bench.figures import Figure, rate, seconds
from tests.support.line import at_day, reset
from tests.support.stages import advance

_SECONDS = 5
"""Between two looks at the memory."""
_MIB = 1 << 20
_DAYS = (("baseline", 0, ("*-baseline",)), ("three months", 1, ()), ("a day", 2, ()))


def measured(bench: Bench) -> Iterator[Figure]:
    """Seconds by day, rows and seconds of a verified ledger, and the most memory of every service."""
    configure(bench.home / "sandbox", seed="bench", scale=bench.scale, profile="typical")
    bench.population = None
    reset(bench.settings)
    embedded.up(bench.home, embedded.EVERYTHING)
    with _watched(bench.home) as most:
        for name, day, patterns in _DAYS:
            advance(bench.settings, day)
            with timed(f"national, {name}") as watch:
                told = sync(bench.settings, Asked(at_day(day), sources=patterns), patience=7200)
            if told["late"]:
                raise RuntimeError(f"{name}: late are {told['late']}")
            yield seconds(f"{name} through Airflow", watch.seconds)
        with timed("national, ledger verify") as watch:
            proof = verify(bench.settings)
        rows = proof["checked"][landing.LAYER]["rows"]
        if not proof["verified"]:
            raise RuntimeError(f"the ledger differs: {proof['first_difference']}")
        yield rate("ledger verify", rows, watch.seconds)
    yield Figure("rows in the verified ledger", rows, "rows", is_rate=True)
    yield from (Figure(f"most memory, {name}", round(size), "MiB") for name, size in sorted(most.items()))


@contextmanager
def _watched(home: Path) -> Iterator[dict[str, float]]:
    """The most MiB that each service had with all its processes, shared pages by share."""
    most: dict[str, float] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_SECONDS):
            for name, size in _held(home).items():
                most[name] = max(most.get(name, 0.0), size)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _held(home: Path) -> dict[str, float]:
    supervisor = psutil.Process(int((home / "run" / "supervisord.pid").read_text()))
    found: dict[str, float] = {"all": 0.0}
    for child in supervisor.children():
        mine = [child, *child.children(recursive=True)]
        size = sum(_pss(one) for one in mine)
        found[_name(child)] = found.get(_name(child), 0.0) + size
        found["all"] += size
    return found


def _name(service: psutil.Process) -> str:
    """Its program, which of Airflow's services all are one."""
    try:
        return service.name().split()[0]
    except psutil.NoSuchProcess:
        return "gone"


def _pss(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / _MIB
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0
