"""What can be done to a step while it runs."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from infra.embedded import up
from infra.embedded.stack import _rpc
from jobs import ops, session
from jobs.settings import Settings
from tests.faults import steps
from tests.faults.points import POINTS, Point
from tests.faults.steps import Odds, Step
from tests.support.proxy import Toxic, between

STACK = ("postgres", "store", "spark")
SERVICES = (*STACK, "supervisor")
SNAPSHOT = rb"POST /v1/\S+/tables/\S+ HTTP"
"""A commit to a table of the lake, as the catalogue is asked for it."""
_TOXICS: dict[str, tuple[Toxic, ...]] = {
    "s3_endpoint": (
        Toxic("drop", rb"^PUT "),
        Toxic("cut", rb"^GET ", after=200),
        Toxic("truncate", rb"^GET ", after=200),
        Toxic("busy", rb"^(PUT|GET) ", times=3),
        Toxic("delay", rb"^PUT ", seconds=2),
        Toxic("repeat", rb"^GET "),
    ),
    "catalog_uri": (
        Toxic("drop", SNAPSHOT),
        Toxic("drop", SNAPSHOT, first=3),
        Toxic("repeat", SNAPSHOT, first=2),
        Toxic("refuse", SNAPSHOT, first=2),
        Toxic("busy", SNAPSHOT, times=2),
    ),
    "ops_url": (
        Toxic("drop", rb"COMMIT"),
        Toxic("drop", rb"COMMIT", first=2),
        Toxic("refuse", rb"COMMIT"),
        Toxic("delay", rb"COMMIT", seconds=1),
    ),
    "register": (Toxic("drop", rb"COMMIT"), Toxic("refuse", rb"COMMIT"), Toxic("cut", rb"COPY")),
}
_WIRES = {
    "pull": ("s3_endpoint", "ops_url"),
    "conform": ("catalog_uri", "ops_url", "s3_endpoint"),
    "merge": ("catalog_uri", "ops_url", "register"),
    "retract": ("catalog_uri", "ops_url"),
    "build": ("s3_endpoint", "ops_url"),
    "approve": ("s3_endpoint", "ops_url"),
    "backup": ("s3_endpoint", "ops_url"),
}
"""Settings that a verb's services are reached by."""


@dataclass(frozen=True, slots=True)
class Injection:
    """One way to disturb a step."""

    kind: str
    """``crash``, ``timer``, ``service``, ``cut off``, ``wire``, ``twins`` or ``thrice``."""
    place: Point | None = None
    service: str = ""
    """The service that is killed, or the setting whose wire is disturbed."""
    toxic: Toxic | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        toxic = self.toxic and f"{self.toxic.kind} {self.toxic.request.decode()} {self.toxic.first}"
        parts = (self.service, toxic, self.place, self.seconds and f"{self.seconds:.1f} s")
        return " ".join([self.kind, *[str(part) for part in parts if part]])


def drawn(dice: random.Random, verb: str, *, services: bool) -> Injection:
    """An injection that a verb can meet."""
    place = dice.choice(POINTS.get(verb, POINTS["retract"]))
    kinds = ["crash", "crash", "crash", "timer", "wire", "wire", "wire", "cut off", "twins", "thrice"]
    kind = dice.choice([*kinds, "service"] if services else kinds)
    if kind == "wire":
        wire = dice.choice(_WIRES[verb])
        return Injection(kind, service=wire, toxic=dice.choice(_TOXICS[wire]))
    if kind == "service":
        return Injection(kind, place, dice.choice(SERVICES))
    if kind == "timer":
        return Injection(kind, seconds=dice.uniform(0.2, 8))
    return Injection(kind, place if kind in ("crash", "cut off") else None)


def inject(settings: Settings, step: Step, injection: Injection) -> bool:
    """Carries a step out under an injection; whether it came to pass."""
    match injection.kind:
        case "crash":
            return steps.run(settings, step, Odds(injection.place)) == -signal.SIGKILL
        case "timer":
            return _timed(settings, step, injection.seconds)
        case "wire":
            return _on_the_wire(settings, step, injection)
        case "twins":
            both = [steps.begin(settings, step) for _ in range(2)]
            return [steps.end(one) for one in both] == [0, 0]
        case "thrice":
            return [steps.run(settings, step) for _ in range(3)] == [0, 0, 0]
    with paused(settings, step, Odds(injection.place, is_paused=True)) as came:
        if came and injection.kind == "service":
            kill(settings.home, injection.service)
        elif came:
            cut_off(settings)
    return came


@contextmanager
def paused(settings: Settings, step: Step, odds: Odds) -> Iterator[bool]:
    """A step that stands at a place during the block and goes on to its end after it."""
    process = steps.begin(settings, step, odds)
    came = steps.until_paused(process)
    try:
        yield came
    finally:
        if came:
            steps.go_on(process)
        steps.end(process)


def _timed(settings: Settings, step: Step, seconds: float) -> bool:
    process = steps.begin(settings, step)
    process.join(seconds)
    came = process.is_alive()
    process.kill()
    steps.end(process)
    return came


def _on_the_wire(settings: Settings, step: Step, injection: Injection) -> bool:
    name = f"{step.subject}_url" if injection.service == "register" else injection.service
    with between(settings, {name: injection.toxic or Toxic("delay")}) as (there, proxies):
        steps.run(there, step)
    return proxies[name].fired > 0


def cut_off(settings: Settings) -> None:
    """Ends every connection to the ops database, and with them the locks, as a failing server does."""
    with ops.engine(settings).connect() as connection:
        connection.execute(
            sa.text(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        )


def kill(home: Path, service: str) -> None:
    """Kills a service as the machine's memory killer does, and waits until its supervisor has it back.

    The services of a supervisor that is killed end with it; ``up`` is what brings them back.
    """
    pid = _pid(home, service)
    os.killpg(os.getpgid(pid), signal.SIGKILL)
    if service != "supervisor":
        steps.until(lambda: _pid(home, service) not in (0, pid), f"{service} is not started again")
    up(home, STACK)
    if service in ("spark", "supervisor"):
        session.disconnect()


def _pid(home: Path, service: str) -> int:
    supervisor = _rpc(home).supervisor
    if service == "supervisor":
        return int(supervisor.getPID())
    return int(supervisor.getProcessInfo(service)["pid"])
