"""Each guard is switched off once, with a fault that it is there for: the checker must report it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jobs import objects, ops
from jobs.ops import submissions
from jobs.settings import Settings
from schemas.core.dossiers import Dossiers
from tests.faults import checker, course, guards, steps
from tests.faults.injections import cut_off, paused
from tests.faults.points import Point, point
from tests.faults.steps import Odds, Step
from tests.journeys import worked_example as w
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day, empty

APPENDING, APPENDED = (point(f"jobs.lake.tables:append:{when}") for when in ("before", "after"))
LOADED = point("jobs.registry:load:after")
LOCK, OBJECT, BATCH, LAKE, REGISTER, FILES, REPLACE, ORDER = (
    "advisory lock",
    "read-back of an object",
    "read-back of a batch",
    "evidence in the lake",
    "evidence in a register",
    "evidence of files",
    "idempotent replace",
    "version order",
)
LATER = at_day(3) + timedelta(minutes=5)
pytestmark = pytest.mark.long


def beside(settings: Settings, step: Step, *off: str) -> int:
    """Two processes carry a step out at once: one stops before it writes until the other has ended."""
    with paused(settings, step, Odds(APPENDING, is_paused=True, off=off)) as came:
        assert came
        return steps.run(settings, step, Odds(off=off))


def again(settings: Settings, step: Step, place: Point, *off: str) -> int:
    """A step dies at a place, and is repeated without some guards."""
    assert steps.run(settings, step, Odds(place)) < 0
    return steps.run(settings, step, Odds(off=off))


def test_every_guard_is_switched_off_below() -> None:
    assert {LOCK, OBJECT, BATCH, LAKE, REGISTER, FILES, REPLACE, ORDER} == set(guards.NAMES)


def test_each_alone_is_made_up_for_or_refuses(line: Line, expected: checker.State) -> None:
    """One guard less: another one holds, or the step refuses and plain repetition mends it."""

    def lost_lock(settings: Settings, step: Step) -> bool:
        with paused(settings, step, Odds(APPENDING, is_paused=True)) as came:
            cut_off(settings)
            assert steps.run(settings, step) == 0
        return came

    trouble = {
        1: lambda s, step: steps.run(s, step, Odds(off=("lie:object",))) == 1,
        2: lambda s, step: beside(s, step, LOCK) == 0,
        3: lambda s, step: again(s, step, APPENDED, LAKE) == 0,
        4: lambda s, step: again(s, step, LOADED, REGISTER) == 1,
        7: lambda s, step: steps.run(s, step, Odds(off=("lie:core.population_persons",))) == 1,
        8: lambda s, step: steps.run(s, step, Odds(off=("lie:curated.population_persons",))) == 1,
        9: lost_lock,
    }
    for number, step in enumerate(course.walked(line, course.SHORT)):
        if number in trouble:
            assert trouble[number](line.settings, step), f"{number} {step}"
        steps.carry_out(line.settings, step)
    assert checker.check(line.settings, expected) == checker.RIGHT


@pytest.fixture(scope="module")
def broken(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A line of its own, which is broken layer by layer, the last one first: the ledger names the first."""
    return empty(settings, tmp_path_factory.mktemp("broken"))


def through(line: Line, stage: course.Stage, instead: Mapping[int, Sequence[str]]) -> None:
    """Carries a stage out in this process, but for the steps that lack a guard."""
    stage.deliver(line)
    for number, step in enumerate(stage.steps):
        if number in instead:
            assert steps.run(line.settings, step, Odds(off=instead[number])) == 0
        else:
            steps.carry_out(line.settings, step)


def test_two_at_once_without_lock_and_replace_are_reported(broken: Line) -> None:
    first = course.SHORT[0]
    through(broken, course.Stage(first.deliver, first.steps[:-1]), {})
    beside(broken.settings, first.steps[-1], LOCK, REPLACE)
    assert "business" in checker.ledger(broken.settings)


def test_a_lost_commit_without_read_back_is_reported(broken: Line, expected: checker.State) -> None:
    through(broken, course.SHORT[1], {2: (BATCH, "lie:curated.population_persons")})
    lost, _, wrong = checker.compare(_registers(expected), _registers(checker.state(broken.settings)))
    assert lost + wrong > 0


def test_written_again_without_evidence_and_replace_is_refused(broken: Line) -> None:
    """By the read-back; without it, by the expectations of the whole batch."""
    one = Step("conform", LATER, "2")
    assert again(broken.settings, one, APPENDED, LAKE, REPLACE) == 1
    assert steps.run(broken.settings, one, Odds(off=(LAKE, REPLACE, BATCH))) == 1


def test_a_lost_object_without_read_back_is_reported(broken: Line) -> None:
    (broken.inbox("01") / "s4.ndjson.gz").write_bytes(ndjson(w.S2[:1]))
    assert steps.run(broken.settings, Step("pull", LATER, w.FEED), Odds(off=(OBJECT, "lie:object"))) == 0
    assert "000001.ndjson.gz" in checker.ledger(broken.settings)


@pytest.fixture(scope="module")
def late(settings: Settings, expected: checker.State, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A line that got the last delivery first, and ended in the same registers."""
    line = empty(settings, tmp_path_factory.mktemp("late"))

    def first(one: Line) -> None:
        w.baseline_delivered(one)
        w.delivered(one, 3)

    def second(one: Line) -> None:
        w.delivered(one, 2)
        w.delivered(one, 1)

    for minute, (deliver, stage) in enumerate(zip((first, second), course.SHORT, strict=True)):
        # After all of it was written: else what comes first would come from the future.
        at = at_day(3) + timedelta(minutes=minute)
        through(line, course.Stage(deliver, tuple(replace(step, at=at) for step in stage.steps)), {})
    assert _registers(checker.state(line.settings)) == _registers(expected)
    return line


def _registers(state: checker.State) -> checker.State:
    return {table: rows for table, rows in state.items() if "." not in table and table != "facts"}


def _merged(settings: Settings, at: datetime) -> None:
    for register in ("population", "land", "business"):
        steps.carry_out(settings, Step("merge", at, register))


def test_versions_by_arrival_are_reported(late: Line, expected: checker.State) -> None:
    for ordinal in ("2", "3"):
        step = Step("conform", LATER, ordinal)
        assert steps.run(late.settings, step, Odds(off=(ORDER,))) == 0
    _merged(late.settings, LATER)
    found = _registers(checker.state(late.settings))
    assert checker.compare(_registers(expected), found) != (0, 0, 0)


def test_files_taken_again_are_reported(late: Line) -> None:
    before = checker.state(late.settings)
    assert steps.run(late.settings, Step("pull", LATER, w.FEED), Odds(off=(FILES,))) == 0
    steps.carry_out(late.settings, Step("conform", LATER))
    after = checker.state(late.settings)
    assert (after[Dossiers.dataset()] - before[Dossiers.dataset()]).total() > 0
    _, doubled, wrong = checker.compare(before, after)
    assert doubled + wrong > 0


def test_an_object_that_a_killed_store_lost_is_pulled_again(late: Line) -> None:
    inbox: Path = late.inbox("01")
    (inbox / "s5.ndjson.gz").write_bytes(ndjson(w.S2[2:3]))
    settings, step = late.settings, Step("pull", LATER, w.FEED)
    assert steps.run(settings, step, Odds(point("jobs.ops.submissions:note_progress:after"))) < 0
    store = objects.client(settings)
    landed = max(objects.keys(store, settings.landing_bucket, w.FEED))
    store.remove_object(bucket_name=settings.landing_bucket, object_name=landed)
    assert steps.run(settings, step) == 0
    assert objects.find(store, settings.landing_bucket, landed) is not None


def test_a_pull_that_lost_its_lock_does_not_write_over_a_sealed_manifest(late: Line) -> None:
    inbox: Path = late.inbox("01")
    (inbox / "s6.ndjson.gz").write_bytes(ndjson(w.S2[3:4]))
    settings, step = late.settings, Step("pull", LATER, w.FEED)
    with paused(settings, step, Odds(point("jobs.ops.submissions:seal:before"), is_paused=True)) as came:
        assert came
        cut_off(settings)
        assert steps.run(settings, Step("pull", LATER + timedelta(minutes=1), w.FEED)) == 0
    sealed = submissions.listed(ops.engine(settings), "sealed")[-1]
    key = f"{w.FEED}/{sealed.sequence:08d}/manifest.json"
    written = json.loads(objects.get(objects.client(settings), settings.landing_bucket, key))
    assert written == sealed.manifest
    assert written["received_at"] == (LATER + timedelta(minutes=1)).isoformat()
