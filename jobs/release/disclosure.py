"""Disclosure control: which counts may be shown so that no small one can be worked out.

A *line* is a set of areas and their published sum. A *table* is the classes of the approvals (on
time, late, without a due date): each area's classes sum to its approvals, and each class sums to
the country's. Nothing else that is published adds up, so these two shapes are all that a reader
can calculate with, and the possible values of a hidden count have a closed form.

The promise: every count between 1 and ``minimum`` - 1 is hidden, and whoever has all that is
published still finds at least ``minimum`` values possible for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

COUNTRY = "VN"
Counts = Mapping[str, int]
Classes = Mapping[str, Sequence[int]]
"""Counts of each class, by area."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What of a line or table is not shown."""

    areas: frozenset[str] = frozenset()
    total: bool = False
    """Whether the country's is hidden too."""


def is_small(count: int, minimum: int) -> bool:
    """Whether a count could point at persons; a zero points at nobody."""
    return 0 < count < minimum


def rounded(count: int, base: int) -> int:
    """The nearest multiple, halves upwards; the same count always gives the same."""
    return (2 * count + base) // (2 * base) * base


def of_line(counts: Counts, minimum: int, before: Hidden = Hidden()) -> Hidden:
    """What to hide of a line: its small counts, and the smallest others that keep them from being subtracted.

    Where all the others together do not suffice, the sum is hidden instead.

    Args:
        counts: Count of each area.
        minimum: Smallest count that is shown.
        before: What an earlier release hid of the same line; it stays hidden.
    """
    small = frozenset(a for a, count in counts.items() if is_small(count, minimum)) | before.areas
    if before.total or is_small(sum(counts.values()), minimum):
        return Hidden(small, total=True)
    if not small:
        return Hidden()
    others = (a for a in _ascending(counts) if a not in small and counts[a])
    found = _grown(small, others, lambda chosen: _line_is_safe(counts, chosen, minimum))
    return Hidden(small, total=True) if found is None else Hidden(found)


def of_table(classes: Classes, totals: Hidden, minimum: int, before: Hidden = Hidden()) -> Hidden:
    """Areas all of whose classes are hidden, and whether the country's are.

    Classes are hidden by whole areas: what is left open of a table of which whole rows are hidden
    is exactly known (Fréchet), which it is not for scattered cells.

    Args:
        classes: Counts of the classes by area.
        totals: What is hidden of the areas' sums.
        minimum: Smallest count that is shown.
        before: What an earlier release hid of the same table.
    """
    small = frozenset(a for a, row in classes.items() if any(is_small(n, minimum) for n in row))
    start = small | totals.areas | before.areas
    country = [sum(column) for column in zip(*classes.values(), strict=True)]
    if totals.total or before.total or any(is_small(count, minimum) for count in country):
        return Hidden(start, total=True)
    if not start:
        return Hidden()
    sums = {area: sum(row) for area, row in classes.items()}
    others = (a for a in _ascending(sums) if a not in start and sums[a])
    found = _grown(start, others, lambda chosen: _table_is_safe(classes, chosen, totals.areas, minimum))
    return Hidden(start, total=True) if found is None else Hidden(found)


def _ascending(counts: Counts) -> list[str]:
    return sorted(counts, key=lambda area: (counts[area], area))


def _grown(
    start: frozenset[str], others: Iterable[str], is_safe: Callable[[frozenset[str]], bool]
) -> frozenset[str] | None:
    """The start with as many of the others as make it safe; None when all do not."""
    chosen = start
    for area in others:
        if is_safe(chosen):
            return chosen
        chosen |= {area}
    return chosen if is_safe(chosen) else None


def _line_is_safe(counts: Counts, hidden: frozenset[str], minimum: int) -> bool:
    """Each of n hidden counts lies between 1 and their sum less the n - 1 others, which are at least 1."""
    return len(hidden) > 1 and sum(counts[a] for a in hidden) - len(hidden) + 1 >= minimum


def _table_is_safe(
    classes: Classes, hidden: frozenset[str], without_sum: frozenset[str], minimum: int
) -> bool:
    """Whether each small count of the hidden areas keeps ``minimum`` possible values.

    Areas whose own sum is hidden are known only by their common sum, of which each has at least 1.
    """
    columns = [sum(column) for column in zip(*(classes[a] for a in hidden), strict=True)]
    together = sum(sum(classes[a]) for a in without_sum)
    for area in hidden:
        for count, column in zip(classes[area], columns, strict=True):
            if not is_small(count, minimum):
                continue
            if area in without_sum:
                low, high = 1, min(together - len(without_sum) + 1, column)
            else:
                own = sum(classes[area])
                low, high = max(0, own + column - sum(columns)), min(own, column)
            if high - low + 1 < minimum:
                return False
    return True
