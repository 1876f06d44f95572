"""Blocks of counts: what is published, or restated, together.

A block is one field and month of the dossiers, or one kind and month of the businesses: its areas
and the country, with every measure that a reader can add up within it. Blocks share no sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jobs.release.disclosure import COUNTRY, Hidden, of_line, of_table, rounded

CLASSES = ("on_time_count", "late_count", "without_due_date_count")
LINES = ("received_count", "approved_count", "refused_count", "withdrawn_count")
MEASURES = (*LINES, *CLASSES)
BUSINESSES = "business_count"

Measures = Mapping[str, int]
Shown = Mapping[str, Mapping[str, int | None]]
"""What is shown of a block, by area and measure; None where it is hidden."""


def dossiers(areas: Mapping[str, Measures], minimum: int, earlier: Sequence[Shown] = ()) -> Shown:
    """A block of dossiers with its country, small counts hidden.

    Args:
        areas: Measures of every area that had reported.
        minimum: Smallest count that is shown.
        earlier: The block as it was released before; what was hidden stays hidden.
    """
    lines = {
        name: of_line({a: row[name] for a, row in areas.items()}, minimum, _before(earlier, name, areas))
        for name in LINES
    }
    table = of_table(
        {a: [row[name] for name in CLASSES] for a, row in areas.items()},
        lines["approved_count"],
        minimum,
        _before(earlier, CLASSES[0], areas),
    )
    return _shown(areas, {**lines, **dict.fromkeys(CLASSES, table)})


def businesses(counts: Mapping[str, int], minimum: int, earlier: Sequence[Shown] = ()) -> Shown:
    """A block of businesses, small counts hidden and the others rounded to the minimum."""
    hidden = of_line(counts, minimum, _before(earlier, BUSINESSES, counts))
    shown = _shown({a: {BUSINESSES: n} for a, n in counts.items()}, {BUSINESSES: hidden})
    return {
        area: {name: None if n is None else rounded(n, minimum) for name, n in row.items()}
        for area, row in shown.items()
    }


def _before(earlier: Sequence[Shown], measure: str, areas: Mapping[str, object]) -> Hidden:
    """What any earlier release of the block hid of a measure, of the areas that it has now."""
    areas_hidden = {
        area for block in earlier for area, row in block.items() if area in areas and row[measure] is None
    }
    return Hidden(
        frozenset(areas_hidden),
        total=any(COUNTRY in block and block[COUNTRY][measure] is None for block in earlier),
    )


def _shown(areas: Mapping[str, Measures], hidden: Mapping[str, Hidden]) -> Shown:
    shown = {
        area: {name: None if area in of.areas else row[name] for name, of in hidden.items()}
        for area, row in sorted(areas.items())
    }
    country = {
        name: None if of.total else sum(row[name] for row in areas.values()) for name, of in hidden.items()
    }
    return {**shown, COUNTRY: country}


def may_replace(new: Shown, earlier: Shown, minimum: int) -> bool:
    """Whether a restated block can stand beside an earlier one without revealing a small count.

    No area has gone, the same counts are hidden, and every count that can be compared, those of
    the hidden areas together included, is unchanged or differs by at least the minimum.
    """
    if set(earlier) - set(new):
        return False
    measures = tuple(next(iter(new.values())))
    if any(not _same_hidden(new, earlier, area, name) for area in new for name in measures):
        return False
    return all(
        difference == 0 or abs(difference) >= minimum for difference in _differences(new, earlier, measures)
    )


def _same_hidden(new: Shown, earlier: Shown, area: str, measure: str) -> bool:
    was_hidden = earlier[area][measure] is None if area in earlier else False
    return (new[area][measure] is None) == was_hidden


def _differences(new: Shown, earlier: Shown, measures: Sequence[str]) -> Iterator[int]:
    for name in measures:
        for area, row in new.items():
            count, former = row[name], earlier[area][name] if area in earlier else 0
            if count is not None and former is not None:
                yield count - former
        rest, former_rest = _remainder(new, name), _remainder(earlier, name)
        if rest is not None and former_rest is not None:
            yield rest - former_rest


def _remainder(block: Shown, measure: str) -> int | None:
    """What the hidden areas of a measure sum to; None where the country's is hidden."""
    total = block[COUNTRY][measure]
    if total is None:
        return None
    return total - sum(row[measure] or 0 for area, row in block.items() if area != COUNTRY)


def chosen(new: Shown, earlier: Sequence[Shown], standing: Shown | None, minimum: int) -> Shown | None:
    """The block to publish: the new one, else the one that stands, else none.

    Args:
        new: The block as it is now.
        earlier: Every version of it that was ever public, withdrawn ones included.
        standing: The version in the newest release that stands.
        minimum: Smallest count, and smallest difference, that is shown.
    """
    if all(may_replace(new, block, minimum) for block in earlier):
        return new
    return standing
