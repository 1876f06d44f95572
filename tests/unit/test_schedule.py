"""A step that hangs is told as stuck, and the harness ends as ever."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest

from jobs.settings import Settings
from tests.faults import __main__ as harness
from tests.faults import checker, course, schedule, steps
from tests.faults.steps import Step
from tests.support.line import Line, at_day

ONE = Step("conform", at_day(1))
STAGES = (course.Stage(lambda _: None, (ONE,)),)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """A line of which nothing is looked at."""
    monkeypatch.setattr(steps, "_PATIENCE", 1)
    monkeypatch.setattr(checker, "check", lambda *_: checker.RIGHT)
    return Line(Settings(home=tmp_path), tmp_path)


def disturbed_seed() -> int:
    return next(seed for seed in range(100) if schedule.plan(seed, STAGES, services=False))


def test_a_step_that_hangs_under_an_injection_is_stuck(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def hang(*_: object) -> bool:
        process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,), daemon=True)
        beside = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,), daemon=True)
        started.extend([process, beside])
        for one in started:
            one.start()
        return steps.end(process) == 0

    monkeypatch.setattr(schedule, "inject", hang)
    life = schedule.live(line, STAGES, {}, seed=disturbed_seed(), services=False)
    assert (life.stuck, life.is_right()) == ("conform: the step does not end", False)
    assert len(life.injected) == 1
    assert [one.is_alive() for one in started] == [False, False]


def test_a_repetition_that_hangs_is_stuck(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "carry_out", lambda *_: time.sleep(60))
    life = schedule.live(line, STAGES, {}, seed=0, only=99)
    assert life.stuck == "conform: the step does not end"


def test_the_stack_is_taken_down_and_what_was_lived_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended: list[Path] = []

    def lived(*_: Any, **__: Any) -> Any:
        yield schedule.Life(7, (("0 conform", "crash", True),), checker.RIGHT, "", 1.0)
        raise RuntimeError

    for name, instead in {"up": lambda *_: None, "down": ended.append, "_lived": lived}.items():
        monkeypatch.setattr(harness, name, instead)
    with pytest.raises(RuntimeError):
        harness.main(tmp_path, seed=7, count=2, only=None, short=True)
    assert ended == [tmp_path]
    assert "seed 7: 1 injections, as undisturbed" in capsys.readouterr().out
