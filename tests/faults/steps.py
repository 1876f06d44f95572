"""Steps of a line, each in a process of its own that can be killed, stopped or robbed of a guard."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from jobs import extract, faults, ops, session
from jobs.conform import run as conforming
from jobs.findings import retraction
from jobs.merge import run as merging
from jobs.ops import submissions
from jobs.rebuild import backup
from jobs.rebuild.origins import SEAL
from jobs.release import verbs as release
from jobs.settings import Settings
from tests.faults import guards
from tests.faults.points import Point, die, interpose, pause

_PATIENCE = 240
"""Seconds until a step that does not end counts as hung."""


class Hung(BaseException):
    """A step does not end; nothing that it calls may take this for a fault of a service and try again."""


@dataclass(frozen=True, slots=True)
class Step:
    """A verb and what it is told."""

    verb: str
    at: datetime
    subject: str = ""
    """Feed, register, folder, or ordinal of a submission; a conform without one takes what is new."""

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}".strip()


@dataclass(frozen=True, slots=True)
class Odds:
    """What is wrong with the process that carries a step out."""

    place: Point | None = None
    is_paused: bool = False
    """It stops at the place and can go on; else it dies there."""
    off: Sequence[str] = ()
    """Guards that it lacks."""


NOTHING = Odds()


def _nth(settings: Settings, ordinal: str) -> str:
    """Id of a submission by its ordinal among those with a manifest: pulls of nothing take numbers too."""
    known = [one for one in submissions.listed(ops.engine(settings)) if one.manifest is not None]
    return known[int(ordinal) - 1].submission_id


def _approve(settings: Settings, at: datetime) -> None:
    newest = release.listed(settings)[-1]
    release.approve(settings, release_id=newest["release_id"], by="steward", at=at)


def _back_up(settings: Settings, to: Path, at: datetime) -> None:
    if not (to / SEAL).exists():
        backup(settings, to=to, at=at)


VERBS: Mapping[str, Callable[[Settings, Step], Any]] = {
    "pull": lambda s, one: extract.pull(s, feed_id=one.subject, at=one.at),
    "conform": lambda s, one: conforming.run(
        s, at=one.at, submission_ids=[_nth(s, one.subject)] if one.subject else None
    ),
    "merge": lambda s, one: merging.run(s, register=one.subject, at=one.at),
    "retract": lambda s, one: retraction.retract(
        s, submission_id=_nth(s, one.subject), at=one.at, reason="Gửi nhầm", by="steward"
    ),
    "build": lambda s, one: release.build(s, at=one.at),
    "approve": lambda s, one: _approve(s, one.at),
    "backup": lambda s, one: _back_up(s, Path(one.subject), one.at),
}


def carry_out(settings: Settings, step: Step) -> None:
    """Carries a step out in this process."""
    VERBS[step.verb](settings, step)


def _child(values: dict[str, Any], step: Step, odds: Odds) -> None:
    """A process' whole life."""
    settings = Settings.model_validate(values)
    guards.reach(settings)
    for name in odds.off:
        guards.switch_off(name)
    if odds.place is not None:
        interpose(odds.place, pause if odds.is_paused else die)
    try:
        carry_out(settings, step)
    except Exception as error:  # noqa: BLE001  (whatever it is, its text stays here)
        print(faults.told(str(step), error), file=sys.stderr)
        sys.exit(1)
    session.disconnect()


@cache
def _forks() -> ForkServerContext:
    """Processes are forked from one that has imported everything and done nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.steps"])
    return context


def begin(settings: Settings, step: Step, odds: Odds = NOTHING) -> BaseProcess:
    """Starts a step in a process of its own."""
    process = _forks().Process(target=_child, args=(settings.model_dump(), step, odds), daemon=True)
    process.start()
    return process


def end(process: BaseProcess) -> int:
    """Waits for a process: 0, 1 for a fault of the step, or the negative signal that ended it.

    Raises:
        TimeoutError: It does not end; it is killed.
    """
    process.join(_PATIENCE)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError("the step does not end")
    return process.exitcode


def end_all() -> None:
    """Kills the processes of steps that still run."""
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


@contextmanager
def patience() -> Iterator[None]:
    """Bounds what this process does within the block.

    Raises:
        Hung: It does not end.
    """

    def give_up(*_: object) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(settings: Settings, step: Step, odds: Odds = NOTHING) -> int:
    """Carries a step out in a process of its own, to its end."""
    return end(begin(settings, step, odds))


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for a condition.

    Raises:
        TimeoutError: It does not come.
    """
    last = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > last:
            raise TimeoutError(what)
        time.sleep(0.05)


def until_paused(process: BaseProcess) -> bool:
    """Waits until a process stops at its place, or ends without having come there; whether it stopped."""
    until(lambda: not process.is_alive() or _is_stopped(process), "neither stopped nor ended")
    return process.is_alive()


def _is_stopped(process: BaseProcess) -> bool:
    try:
        stat = Path(f"/proc/{process.pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] == "T"


def go_on(process: BaseProcess) -> None:
    """Lets a stopped process go on."""
    if process.pid is not None:
        os.kill(process.pid, signal.SIGCONT)
