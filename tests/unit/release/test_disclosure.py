"""Disclosure control against an attacker who solves for every hidden count."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from jobs.release import blocks
from jobs.release.disclosure import COUNTRY, Hidden, of_line, of_table, rounded

MINIMUM = 10
AREAS = ("01", "04", "08", "11", "12")
small_and_large = st.one_of(st.integers(0, 12), st.integers(0, 60))


class Attacker:
    """Knows all that is published of a block and asks which values a hidden count can have."""

    def __init__(self, shown: blocks.Shown) -> None:
        self.shown = shown
        self.unknown = [
            (area, name) for area, row in shown.items() for name, count in row.items() if count is None
        ]
        self.equations: list[tuple[dict[tuple[str, str], int], int]] = []
        for name in next(iter(shown.values())):
            self._add([(area, name) for area in shown if area != COUNTRY], (COUNTRY, name))
        if set(blocks.CLASSES) <= set(shown[COUNTRY]):
            for area in shown:
                self._add([(area, name) for name in blocks.CLASSES], (area, "approved_count"))

    def _add(self, parts: list[tuple[str, str]], total: tuple[str, str]) -> None:
        terms = [(cell, 1) for cell in parts] + [(total, -1)]
        hidden = {cell: sign for cell, sign in terms if self._value(cell) is None}
        known = sum(sign * (self._value(cell) or 0) for cell, sign in terms)
        self.equations.append((hidden, -known))

    def _value(self, cell: tuple[str, str]) -> int | None:
        return self.shown[cell[0]][cell[1]]

    def possible(self, cell: tuple[str, str], lowest: int) -> int:
        """How many values a hidden count can have; the system is a network, so the bounds are whole."""
        place = {one: number for number, one in enumerate(self.unknown)}
        matrix = [[0] * len(self.unknown) for _ in self.equations]
        for row, (hidden, _) in zip(matrix, self.equations, strict=True):
            for one, sign in hidden.items():
                row[place[one]] = sign
        ends = []
        for sign in (1, -1):
            cost = [0] * len(self.unknown)
            cost[place[cell]] = sign
            found = linprog(
                cost,
                A_eq=matrix,
                b_eq=[known for _, known in self.equations],
                bounds=[
                    (lowest if one[1] not in blocks.CLASSES and one[0] != COUNTRY else 0, 1000)
                    for one in self.unknown
                ],
            )
            assert found.status == 0, found.message
            ends.append(round(found.x[place[cell]]))
        return ends[1] - ends[0] + 1


def line_block(counts: Mapping[str, int], hidden: Hidden) -> blocks.Shown:
    shown = {area: {"n": None if area in hidden.areas else count} for area, count in counts.items()}
    return {**shown, COUNTRY: {"n": None if hidden.total else sum(counts.values())}}


@settings(max_examples=60, derandomize=True)
@given(st.fixed_dictionaries(dict.fromkeys(AREAS, small_and_large)))
@example({"01": 1, "04": 1, "08": 0, "11": 0, "12": 500})
@example({"01": 3, "04": 0, "08": 0, "11": 0, "12": 0})
@example({"01": 9, "04": 500, "08": 0, "11": 0, "12": 0})
@example({"01": 9, "04": 9, "08": 9, "11": 9, "12": 9})
def test_no_small_count_of_a_line_can_be_worked_out(counts: dict[str, int]) -> None:
    shown = line_block(counts, of_line(counts, MINIMUM))
    truth = {**counts, COUNTRY: sum(counts.values())}
    attacker = Attacker(shown)
    for area, count in truth.items():
        if 0 < count < MINIMUM:
            assert shown[area]["n"] is None
            assert attacker.possible((area, "n"), lowest=1) >= MINIMUM


classes = st.fixed_dictionaries(
    {area: st.tuples(small_and_large, small_and_large, st.integers(0, 12)) for area in AREAS}
)


def block_of(rows: Mapping[str, tuple[int, int, int]]) -> dict[str, dict[str, int]]:
    zeros = dict.fromkeys(blocks.MEASURES, 0)
    return {
        area: {**zeros, "approved_count": sum(row), **dict(zip(blocks.CLASSES, row, strict=True))}
        for area, row in rows.items()
    }


@settings(max_examples=60, derandomize=True)
@given(classes)
@example({"01": (50, 3, 0), **dict.fromkeys(AREAS[1:], (100, 20, 0))})
@example({"01": (50, 3, 0), "04": (1, 1, 0), "08": (2, 0, 0), "11": (500, 0, 0), "12": (0, 0, 0)})
@example({"01": (9, 90, 0), **dict.fromkeys(AREAS[1:], (0, 0, 0))})
@example({"01": (12, 9, 0), "04": (12, 9, 0), **dict.fromkeys(AREAS[2:], (0, 0, 0))})
def test_no_small_count_of_a_table_can_be_worked_out(rows: dict[str, tuple[int, int, int]]) -> None:
    areas = block_of(rows)
    shown = blocks.dossiers(areas, MINIMUM)
    country = {name: sum(row[name] for row in areas.values()) for name in blocks.MEASURES}
    attacker = Attacker(shown)
    for area, row in {**areas, COUNTRY: country}.items():
        for name, count in row.items():
            if 0 < count < MINIMUM:
                assert shown[area][name] is None
                assert attacker.possible((area, name), lowest=1) >= MINIMUM


@given(classes)
def test_what_is_shown_is_true(rows: dict[str, tuple[int, int, int]]) -> None:
    areas = block_of(rows)
    for area, row in blocks.dossiers(areas, MINIMUM).items():
        for name, count in row.items():
            if count is not None and area != COUNTRY:
                assert count == areas[area][name]


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    rows = {"01": (50, 20, 0), "04": (10, 0, 30)}
    assert of_line({"01": 70, "04": 40}, MINIMUM) == Hidden()
    assert of_table(rows, Hidden(), MINIMUM) == Hidden()


def test_the_smallest_other_count_protects_a_small_one() -> None:
    counts = {"01": 4, "04": 300, "08": 25, "11": 0}
    assert of_line(counts, MINIMUM) == Hidden(frozenset({"01", "08"}))


def test_a_lonely_small_count_hides_the_sum() -> None:
    assert of_line({"01": 4, "04": 0}, MINIMUM) == Hidden(frozenset({"01"}), total=True)


@pytest.mark.parametrize(("count", "shown"), [(10, 10), (14, 10), (15, 20), (24, 20), (25, 30)])
def test_rounding(count: int, shown: int) -> None:
    assert rounded(count, 10) == shown


def changed(counts: dict[str, int], **changes: int) -> dict[str, dict[str, int]]:
    zeros = dict.fromkeys(blocks.MEASURES, 0)
    return {area: {**zeros, "received_count": n} for area, n in {**counts, **changes}.items()}


BEFORE = {"01": 100, "04": 200, "08": 3, "11": 40}


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({}, True),
        ({"01": 110}, True),
        ({"01": 103}, False),
        ({"01": 90, "04": 210}, True),
        ({"08": 4}, False),
        ({"08": 30}, True),
        ({"04": 5}, False),
        ({"11": 60}, True),
        ({"12": 50}, True),
        ({"12": 2}, False),
    ],
)
def test_a_restatement_is_checked_against_subtraction(change: dict[str, int], may: bool) -> None:
    earlier = blocks.dossiers(changed(BEFORE), MINIMUM)
    new = blocks.dossiers(changed({**BEFORE, **change}), MINIMUM, [earlier])
    assert blocks.may_replace(new, earlier, MINIMUM) is may


def test_a_restatement_that_may_not_be_shown_leaves_what_stands() -> None:
    first = blocks.dossiers(changed(BEFORE), MINIMUM)
    new = blocks.dossiers(changed({**BEFORE, "01": 103}), MINIMUM, [first])
    assert blocks.chosen(new, [first], first, MINIMUM) is first
    assert blocks.chosen(new, [first], None, MINIMUM) is None
    assert blocks.chosen(new, [], None, MINIMUM) is new


@settings(max_examples=100, derandomize=True)
@given(
    st.fixed_dictionaries(dict.fromkeys(AREAS, small_and_large)),
    st.fixed_dictionaries({area: st.integers(-15, 15) for area in AREAS}),
)
def test_releases_subtracted_show_no_small_difference(counts: dict[str, int], by: dict[str, int]) -> None:
    """What two releases show of an area, or of all hidden areas together, never differs by a few."""
    earlier = blocks.dossiers(changed(counts), MINIMUM)
    after = {area: max(0, count + by[area]) for area, count in counts.items()}
    new = blocks.dossiers(changed(after), MINIMUM, [earlier])
    shown = blocks.chosen(new, [earlier], earlier, MINIMUM)
    assert shown is not None
    open_areas = [a for a in shown if earlier[a]["received_count"] is not None]
    for area in open_areas:
        difference = (shown[area]["received_count"] or 0) - (earlier[area]["received_count"] or 0)
        assert difference == 0 or abs(difference) >= MINIMUM
    assert {a for a in shown if shown[a]["received_count"] is None} == set(shown) - set(open_areas)
    if COUNTRY in open_areas:
        rest = [
            sum(block[a]["received_count"] or 0 for a in open_areas if a != COUNTRY)
            for block in (earlier, shown)
        ]
        totals = [block[COUNTRY]["received_count"] or 0 for block in (earlier, shown)]
        difference = (totals[1] - rest[1]) - (totals[0] - rest[0])
        assert difference == 0 or abs(difference) >= MINIMUM


def test_businesses_are_shown_in_tens() -> None:
    shown = blocks.businesses({"01": 123, "04": 47, "08": 2}, MINIMUM)
    assert shown == {
        "01": {"business_count": 120},
        "04": {"business_count": None},
        "08": {"business_count": None},
        "VN": {"business_count": 170},
    }
