"""The course of a line that is disturbed: the worked example in two deliveries, and what may follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from schemas.contract import REGISTERS
from tests.faults import steps
from tests.faults.steps import Step
from tests.journeys import worked_example as w
from tests.support.line import Line, at_day


@dataclass(frozen=True, slots=True)
class Stage:
    """What is delivered, and the steps that follow."""

    deliver: Callable[[Line], None]
    steps: tuple[Step, ...]


def _merges(day: int, minutes: int = 0) -> tuple[Step, ...]:
    at = at_day(day) + timedelta(minutes=minutes)
    return tuple(Step("merge", at, one.value) for one in REGISTERS)


def _first(line: Line) -> None:
    w.baseline_delivered(line)
    w.delivered(line, 1)


def _second(line: Line) -> None:
    w.delivered(line, 2)
    w.delivered(line, 3)


SHORT = (
    Stage(
        _first,
        (
            Step("pull", at_day(1), "01-baseline"),
            Step("pull", at_day(1), w.FEED),
            Step("conform", at_day(1)),
            *_merges(1),
        ),
    ),
    Stage(_second, (Step("pull", at_day(3), w.FEED), Step("conform", at_day(3)), *_merges(3))),
)
"""Two days."""


def long(folder: Path) -> tuple[Stage, ...]:
    """Two days, a submission that is taken back, an open release, a backup into a folder."""
    at = at_day(3) + timedelta(minutes=1)
    after = (
        Step("retract", at, "3"),
        *_merges(3, 1),
        Step("build", at),
        Step("approve", at),
        Step("backup", at, str(folder)),
    )
    return (*SHORT, Stage(lambda _: None, after))


def walked(line: Line, course: tuple[Stage, ...]) -> Iterator[Step]:
    """The steps of a course in order, each after its delivery; whoever asks carries them out."""
    for stage in course:
        stage.deliver(line)
        yield from stage.steps


def undisturbed(line: Line, course: tuple[Stage, ...]) -> None:
    """Lives a course in this process."""
    for step in walked(line, course):
        steps.carry_out(line.settings, step)
