"""The first difference that verification names, and comparisons that find it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pyspark.sql import SparkSession

from jobs.lake import tables
from jobs.ledger.book import Book
from jobs.settings import Settings

ABSENT = "absent"
PRESENT = "present"
WITHHELD = ("as it was recorded", "another value")
"""Both sides of a difference whose values are personal."""
_NAMES = re.compile(r"manifest\..*\.name")
"""Paths of the names that files had in their folder or bucket."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it must be; it names a place and never a record's value."""

    where: str
    """Store, table or object, and what narrows it."""
    what: str
    expected: object
    found: object

    def told(self) -> dict[str, Any]:
        """The difference as the receipt shows it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Step:
    """How far verification has come."""

    layer: str
    what: str
    done: int = 0
    total: int | None = None


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Landed:
    """What a submission's landing bytes hold."""

    rows: int
    contents: str
    """Digest of its contents."""
    places: str
    """Digest of its contents at their places."""


@dataclass(slots=True)
class Audit:
    """One verification: what it reads, what it has counted, and whom it tells."""

    settings: Settings
    book: Book
    progress: Progress
    checked: dict[str, Counter[str]] = field(default_factory=dict)
    landed: dict[str, Landed] = field(default_factory=dict)
    """By submission, filled by the landing's layer for those that follow."""

    def count(self, layer: str, what: str, number: int = 1) -> None:
        """Adds to the counts of what was checked."""
        self.checked.setdefault(layer, Counter())[what] += number

    def step(self, layer: str, what: str, done: int = 0, total: int | None = None) -> None:
        """Tells how far a layer has come."""
        self.progress(Step(layer, what, done, total))


def compared(
    where: str, expected: Mapping[str, object], found: Mapping[str, object] | None
) -> Iterator[Difference]:
    """Differences between two rows or documents, in the order of the expected one's columns.

    Callers give it numbers, states, digests and instants of ours, never a record's value.

    >>> [one.what for one in compared("x", {"a": 1, "b": 2}, {"a": 1, "b": 3})]
    ['b']
    """
    if found is None:
        yield Difference(where, "row", PRESENT, ABSENT)
        return
    for name, value in expected.items():
        if found.get(name) != value:
            yield from _within(where, name, value, found.get(name))


def _within(where: str, path: str, expected: object, found: object) -> Iterator[Difference]:
    """Descends to the first leaf that differs."""
    match expected, found:
        case dict(), dict():
            for name in [*expected, *(name for name in found if name not in expected)]:
                yield from _leaf(where, f"{path}.{name}", expected.get(name), found.get(name))
        case list(), list() if len(expected) == len(found):
            for place, (one, other) in enumerate(zip(expected, found, strict=True)):
                yield from _leaf(where, f"{path}[{place}]", one, other)
        case list(), list():
            yield Difference(where, f"{path}: entries", len(expected), len(found))
        case _:
            yield Difference(where, path, *_shown(path, expected, found))


def _shown(path: str, expected: object, found: object) -> tuple[object, object]:
    """Both sides as they may be told: a file's name may be a person's, and documents hold such names."""
    if any(isinstance(side, dict | list) for side in (expected, found)):
        return _kind(expected), _kind(found)
    return WITHHELD if _NAMES.fullmatch(path) else (expected, found)


def _kind(value: object) -> str:
    return ABSENT if value is None else type(value).__name__


def _leaf(where: str, path: str, expected: object, found: object) -> Iterator[Difference]:
    if expected != found:
        yield from _within(where, path, expected, found)


def keyed(
    where: Callable[[Any], str],
    what: Sequence[str],
    expected: Mapping[Any, Sequence[object]],
    found: Mapping[Any, Sequence[object]],
) -> Iterator[Difference]:
    """Differences between two sets of numbered or named values, in the order of their keys.

    Args:
        where: Names the place of a key.
        what: Names of the values.
        expected: Values by key.
        found: Values by key.
    """
    for key in sorted({*expected, *found}, key=str):
        if key not in found or key not in expected:
            sides = (PRESENT, ABSENT) if key in expected else (ABSENT, PRESENT)
            yield Difference(where(key), "entry", *sides)
            continue
        for name, one, other in zip(what, expected[key], found[key], strict=True):
            if one != other:
                yield Difference(where(key), name, one, other)


def lost_tables(spark: SparkSession, layer: str) -> Iterator[Difference]:
    """Tables of a layer that the lake lacks; the others are looked at as they are now."""
    lost = tables.missing(spark, layer)
    for dataset in lost:
        yield Difference(dataset, "table", PRESENT, ABSENT)
    of_layer = [dataset for dataset, _, _ in tables.schemas() if dataset.startswith(f"{layer}.")]
    tables.refresh(spark, [dataset for dataset in of_layer if dataset not in lost])
