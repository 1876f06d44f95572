"""Places in the code at which a process can be stopped: every boundary between two commits of a step."""

from __future__ import annotations

import functools
import importlib
import itertools
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

_GONE = 60
"""Seconds after which a process that should be dead is not."""


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after the n-th call of a function, in the words ``module:function:after:1``."""

    module: str
    function: str
    when: Literal["before", "after"]
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.module}:{self.function}:{self.when}:{self.nth}"


def point(text: str) -> Point:
    """The place that a text names; the first call where it names none."""
    module, function, when, *nth = text.split(":")
    if when not in ("before", "after"):
        raise ValueError(f"{text}: neither before nor after")
    return Point(module, function, "before" if when == "before" else "after", int(nth[0]) if nth else 1)


_PLAN, _COMMIT = "jobs.ops.batches:plan", "jobs.ops.batches:commit"
_APPEND = "jobs.lake.tables:append"
_LOADING = "jobs.registry.load:_load_dataset"

POINTS: dict[str, tuple[Point, ...]] = {
    verb: tuple(map(point, places))
    for verb, places in {
        "pull": (
            "jobs.ops.submissions:begin:after",
            "jobs.objects:put:before",
            "jobs.objects:put:after",
            "jobs.ops.submissions:note_progress:after",
            "jobs.ops.submissions:seal:before",
            "jobs.extract.pull:_write_manifest:before",
            "jobs.extract.pull:_write_manifest:after",
            "jobs.ops.submissions:seal:after",
        ),
        "conform": (
            f"{_PLAN}:after",
            f"{_APPEND}:before",
            f"{_APPEND}:after",
            f"{_APPEND}:after:5",
            "jobs.conform.run:_append:after",
            "jobs.conform.run:receipt_of:after",
            f"{_COMMIT}:before",
            f"{_COMMIT}:after",
        ),
        "merge": (
            f"{_PLAN}:after",
            f"{_APPEND}:before",
            f"{_APPEND}:after",
            f"{_APPEND}:after:3",
            "jobs.merge.run:_append:after",
            "jobs.ops.decisions:record:after",
            "jobs.merge.run:_read_back:after",
            f"{_LOADING}:before",
            f"{_LOADING}:after",
            "jobs.registry.load:_require_equal:after",
            "jobs.registry:load:after",
            f"{_COMMIT}:before",
            f"{_COMMIT}:after",
        ),
        "retract": (
            "jobs.ops.submissions:retract:before",
            "jobs.ops.submissions:retract:after",
            f"{_PLAN}:after",
            f"{_APPEND}:after",
            f"{_COMMIT}:before",
        ),
        "build": (
            "jobs.release.store:write_private:before",
            "jobs.objects:put:after",
            "jobs.release.store:write_private:after",
            "jobs.release.records:add:after",
        ),
        "approve": (
            "jobs.release.records:approve:after",
            "jobs.objects:put:after",
            "jobs.release.store:copy_to_open:after",
            "jobs.release.records:publish:after",
            "jobs.release.store:write_page:after",
        ),
        "backup": (
            "jobs.rebuild.backup:_table:after",
            "jobs.rebuild.backup:_write:after",
            "jobs.rebuild.backup:_objects:after",
            "jobs.rebuild.backup:_write:before:2",
        ),
    }.items()
}
"""By verb, in the order in which a step passes them."""


def found(place: Point) -> Callable[..., Any]:
    """The function that a place names, as its callers find it."""
    function: Callable[..., Any] = getattr(importlib.import_module(place.module), place.function)
    return function


def interpose(place: Point, act: Callable[[], None]) -> None:
    """Lets this process do something at a place, once."""
    real, calls = found(place), itertools.count(1)

    @functools.wraps(real)
    def wrapped(*args: Any, **named: Any) -> Any:
        is_now = next(calls) == place.nth
        if is_now and place.when == "before":
            act()
        answer = real(*args, **named)
        if is_now and place.when == "after":
            act()
        return answer

    setattr(importlib.import_module(place.module), place.function, wrapped)


def die() -> None:
    """Ends this process as ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(_GONE)


def pause() -> None:
    """Stops this process until somebody lets it go on."""
    os.kill(os.getpid(), signal.SIGSTOP)
