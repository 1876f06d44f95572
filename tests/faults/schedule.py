"""Seeded schedules: which steps of a line's course are disturbed, and how."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jobs import faults
from jobs.settings import Settings
from tests.faults import checker, course, steps
from tests.faults.injections import Injection, drawn, inject
from tests.faults.steps import Step
from tests.support.line import Line

_TRIES = 3
"""Plain repetitions within which a disturbed step must end."""


@dataclass(frozen=True, slots=True)
class Life:
    """One disturbed course: what was injected where, and how it ended."""

    seed: int
    injected: tuple[tuple[str, str, bool], ...]
    """Step, injection, and whether it came to pass."""
    verdict: checker.Verdict
    stuck: str
    """The step that plain repetition did not bring to its end, with its fault; empty for none."""
    seconds: float

    def is_right(self) -> bool:
        """Whether it ended as the undisturbed course does."""
        return self.verdict.is_right() and not self.stuck


def plan(seed: int, stages: tuple[course.Stage, ...], *, services: bool) -> dict[int, Injection]:
    """Injections by number of the step: the same for the same seed."""
    dice = random.Random(seed)
    every = [step for stage in stages for step in stage.steps]
    return {
        number: drawn(dice, step.verb, services=services)
        for number, step in enumerate(every)
        if dice.random() < 0.6
    }


def live(
    line: Line,
    stages: tuple[course.Stage, ...],
    expected: checker.State,
    *,
    seed: int,
    services: bool = True,
    only: int | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Life:
    """Lives a course under the schedule of a seed, or under one of its injections alone."""
    begun, planned = time.monotonic(), plan(seed, stages, services=services)
    injected, stuck = [], ""
    for number, step in enumerate(course.walked(line, stages)):
        injection = planned.get(number) if only in (None, number) else None
        if injection is not None:
            came, stuck = _injected(line.settings, step, injection)
            injected.append((f"{number} {step}", str(injection), came))
            told(f"{number} {step}: {injection}{'' if came else ' (did not come to pass)'}")
        stuck = stuck or _repeated(line.settings, step)
        if stuck:
            break
    verdict = checker.check(line.settings, expected)
    return Life(seed, tuple(injected), verdict, stuck, time.monotonic() - begun)


def _injected(settings: Settings, step: Step, injection: Injection) -> tuple[bool, str]:
    """Whether an injection came to pass, and the step with its fault where it hangs."""
    try:
        return inject(settings, step, injection), ""
    except TimeoutError as error:
        steps.end_all()
        return True, f"{step}: {error}"


def _repeated(settings: Settings, step: Step) -> str:
    """Carries a step out until it ends; the last fault where it does not, empty where it does."""
    fault = ""
    for _ in range(_TRIES):
        try:
            with steps.patience():
                steps.carry_out(settings, step)
        except steps.Hung:
            return f"{step}: the step does not end"
        except Exception as error:  # noqa: BLE001  (a fault is what is looked for)
            fault = faults.told(str(step), error)
        else:
            return ""
    return fault


def table(lives: list[Life], command: str) -> Iterator[str]:
    """The lives as lines of a Markdown table, by scenario."""
    yield "| scenario | injected | came to pass | seeds | lost | doubled | wrong | stuck | ledger |"
    yield "|---|---|---|---|---|---|---|---|---|"
    kinds = sorted({_kind(one) for life in lives for one in life.injected})
    for kind in kinds:
        mine = [(life, one) for life in lives for one in life.injected if _kind(one) == kind]
        seeds = sorted({life.seed for life, _ in mine})
        owners = [life for life in lives if life.seed in seeds]
        counted = [len(mine), sum(one[2] for _, one in mine), " ".join(map(str, seeds))]
        sums = [sum(getattr(life.verdict, name) for life in owners) for name in ("lost", "doubled", "wrong")]
        stuck = sum(bool(life.stuck) for life in owners)
        ledger = "verifies" if not any(life.verdict.ledger for life in owners) else "differs"
        yield f"| {' | '.join(map(str, [kind, *counted, *sums, stuck, ledger]))} |"
    yield ""
    for life in lives:
        end = "as undisturbed" if life.is_right() else f"{life.verdict} {life.stuck}"
        yield f"seed {life.seed}: {len(life.injected)} injections, {end}; {command} SEED={life.seed} COUNT=1"


def _kind(injected: tuple[str, str, bool]) -> str:
    step, what, _ = injected
    verb = step.split()[1]
    words = what.split()
    kind = " ".join(words[:3]) if words[0] == "wire" else words[0]
    if words[0] == "service":
        kind = f"kill {words[1]}"
    return f"{verb}: {'connections cut off' if words[0] == 'cut' else kind}"
