"""kill -9 at every boundary of pull, conform and merge: plain repetition ends in the undisturbed state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest

from tests.faults import checker, course, steps
from tests.faults.injections import Injection, inject
from tests.faults.points import POINTS, Point, found
from tests.support.line import Line


@pytest.mark.parametrize("place", sorted({str(one) for every in POINTS.values() for one in every}))
def test_every_place_is_there(place: str) -> None:
    module, function, *_ = place.split(":")
    assert callable(found(Point(module, function, "after")))


def _dealt() -> Mapping[int, list[Point]]:
    """The places of each step of the course: those of a verb are dealt to its steps in turn.

    The last step has nothing to do: the second delivery says nothing of businesses.
    """
    every = [step for stage in course.SHORT for step in stage.steps]
    dealt: dict[int, list[Point]] = defaultdict(list)
    for verb in ("pull", "conform", "merge"):
        mine = [number for number, step in enumerate(every[:-1]) if step.verb == verb]
        for turn, place in enumerate(POINTS[verb]):
            dealt[mine[turn % len(mine)]].append(place)
    return dealt


def test_killed_at_every_boundary(line: Line, expected: checker.State) -> None:
    dealt = _dealt()
    assert sum(map(len, dealt.values())) == sum(len(POINTS[verb]) for verb in ("pull", "conform", "merge"))
    for number, step in enumerate(course.walked(line, course.SHORT)):
        for place in dealt[number]:
            assert inject(line.settings, step, Injection("crash", place)), f"{step}: {place} is not reached"
        steps.carry_out(line.settings, step)
    assert checker.check(line.settings, expected) == checker.RIGHT
