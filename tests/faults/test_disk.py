"""A home whose disk fills: pull, conform and a merge fail cleanly, and go on when there is room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded import down, up
from infra.embedded.home import SPARK_JAVA_IN_HASTE, adopt, prepare
from jobs import session
from jobs.settings import Settings, load_settings
from tests.faults import checker, course, steps
from tests.faults.injections import STACK
from tests.support import disks
from tests.support.line import Line, empty

pytestmark = pytest.mark.long
FIRST, SECOND = course.SHORT
WRITING = [step for step in SECOND.steps if step.subject not in ("land", "business")]
"""The second delivery has no land and no business: their merges write next to nothing."""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("small") / "disk"
    with disks.small(place, "3g") as is_there:
        if not is_there:
            pytest.skip("no disk can be made here")
        yield place


@pytest.fixture(scope="module")
def small(disk: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A home on it, with entity ids as the undisturbed one's, that has lived the first day."""
    session.disconnect()
    home = disk / "home"
    prepare(home, spark_memory="2g", spark_java=SPARK_JAVA_IN_HASTE)
    adopt(home, identity_key=settings.identity_key.get_secret_value())
    try:
        up(home, STACK)
        line = empty(load_settings({"LIENTHONG_HOME": str(home)}), tmp_path_factory.mktemp("sources"))
        FIRST.deliver(line)
        for step in FIRST.steps:
            steps.carry_out(line.settings, step)
        SECOND.deliver(line)
        yield line
    finally:
        session.disconnect()
        down(home)


@pytest.mark.parametrize("step", WRITING, ids=str)
def test_a_step_fails_while_there_is_no_room_and_succeeds_afterwards(
    disk: Path, small: Line, step: steps.Step
) -> None:
    held = "select count(*) from persons_history"
    before = small.query("population", held)
    with disks.filled(disk):
        assert steps.run(small.settings, step) == 1
    up(small.settings.home, STACK)
    steps.until(lambda: small.query("population", held) == before, "the register is not as before")
    steps.until(lambda: steps.run(small.settings, step) == 0, f"{step} does not go on")


def test_it_ends_as_undisturbed(small: Line, expected: checker.State) -> None:
    for step in SECOND.steps:
        steps.carry_out(small.settings, step)
    assert checker.check(small.settings, expected) == checker.RIGHT
