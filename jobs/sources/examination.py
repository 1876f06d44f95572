"""What an examination of a source is: steps in order, each with what was seen and what to do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from expectations.thresholds import LEAST_ROWS
from jobs.errors import LienthongError
from jobs.landing.clocks import instant_of
from jobs.settings import Settings
from jobs.sources.model import Feed
from schemas.layout import Layout

SAMPLE = 200
"""Records that are looked at."""
CLOCK_SECONDS = 300
"""That a source's clock may be away."""
SET_CLOCK = "ask the province to set its clock; records from the future are quarantined (DOS-008)."
_BACK = (timedelta(hours=1), timedelta(days=7), None)
"""How far before where a feed was read to records are looked at, until there are enough; None is all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at."""

    step: str
    ok: bool
    told: str
    remedy: str | None = None
    is_vital: bool = True
    """Whether nothing can be pulled without it."""


class Doubt(Exception):
    """Something that does not keep a source from being pulled, and should be mended all the same."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(slots=True)
class Seen:
    """What the steps of an examination leave for those who compare it."""

    since: datetime | None = None
    """Where the feed was read to: newer records are asked for."""
    names: bool = False
    """Whether names of files are told."""
    records: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """Some records as sent; they hold personal values."""
    newest: datetime | None = None
    """When the newest thing at the source was changed."""


@dataclass(frozen=True, slots=True)
class Examination:
    """A source looked at step by step; the first vital step that fails ends it."""

    steps: tuple[Step, ...]
    seen: Seen

    @property
    def is_well(self) -> bool:
        """Whether it can be pulled."""
        return all(step.ok or not step.is_vital for step in self.steps)


Look = tuple[str, Callable[[], str]]
"""Name of a step, and what carries it out and says what was seen."""


class Examiner(Protocol):
    """How sources of a kind are examined; each kind's adapter tells its own."""

    def __call__(self, settings: Settings, feed: Feed, at: datetime, seen: Seen) -> Iterator[Look]:
        """The looks in order; one raises what is wrong: ``Doubt`` where it is not vital."""
        ...


def carried_out(looks: Iterator[Look], seen: Seen) -> Examination:
    """The steps that the looks gave, up to the first vital one that fails."""
    steps = []
    for look in looks:
        steps.append(_safely(look))
        if not steps[-1].ok and steps[-1].is_vital:
            break
    return Examination(tuple(steps), seen)


def _safely(look: Look) -> Step:
    name, act = look
    try:
        return Step(name, ok=True, told=act())
    except Doubt as doubt:
        return Step(name, ok=False, told=doubt.message, remedy=doubt.remedy, is_vital=False)
    except LienthongError as error:
        return Step(name, ok=False, told=error.message, remedy=error.remedy)
    except OSError as error:
        # Its whole text may have the name of a file, which may be a person's.
        told = ": ".join(filter(None, (type(error).__name__, error.strerror)))
        return Step(name, ok=False, told=told, remedy="see the URL and the network.")
    except ValueError as error:
        return Step(name, ok=False, told=str(error), remedy="correct the source's file or its mapping.")


def sampled(sample: Callable[[datetime | None], Sequence[Any]], layout: Layout, seen: Seen) -> str:
    """Leaves some records, the new ones where the feed was read before and there are enough of them.

    Args:
        sample: Gives records that were changed since an instant, or any.
        layout: Names what tells when a record was changed.
        seen: Where they are left.
    """
    instants = [seen.newest] if seen.newest else []
    for back in _BACK if seen.since else _BACK[-1:]:
        since = seen.since - back if seen.since and back else None
        found = [one for one in sample(since) if isinstance(one, dict)]
        seen.records = found if len(found) > len(seen.records) else seen.records
        instants += [*_changes(found, layout)]
        if len(found) >= LEAST_ROWS:
            break
    seen.newest = max(instants, default=None)
    return f"{len(seen.records)} to look at" if seen.records else "none to look at yet"


def _changes(records: Iterable[Mapping[str, Any]], layout: Layout) -> Iterator[datetime]:
    """When records were changed, as far as they tell."""
    for one in records:
        with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
            yield instant_of(one[layout.changed], layout.clock)
