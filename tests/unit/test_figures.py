"""Figures of the bench beside goals and a baseline."""

from __future__ import annotations

import pytest

from tests.bench import figures


@pytest.mark.parametrize(
    ("figure", "is_reached"),
    [
        (figures.seconds("a", 6.0, 6.0), True),
        (figures.seconds("a", 6.1, 6.0), False),
        (figures.rate("a", 100, 2.0, 50), True),
        (figures.rate("a", 98, 2.0, 50), False),
        (figures.ratio("a", 1.31, at_most=1.3), False),
        (figures.ratio("a", 3.0, at_least=3), True),
        (figures.ratio("a", 3.0), None),
    ],
)
def test_a_goal_is_reached_or_not(figure: figures.Figure, is_reached: bool | None) -> None:
    assert figure.is_reached is is_reached


def test_a_baseline_of_the_same_scale_is_compared() -> None:
    told = figures.plain({"rules": [figures.seconds("rules", 4.0)]}, 0.5)
    known = figures.merged(None, told)
    now = [figures.seconds("rules", 5.0), figures.seconds("new", 1.0)]
    same = figures.table("rules", now, known, 0.5).splitlines()
    assert "1.25 × the baseline's 4" in same[1]
    assert "baseline" not in same[2]
    assert "baseline" not in figures.table("rules", now, known, 1.0)


def test_a_run_replaces_its_own_works_in_the_baseline() -> None:
    first = figures.merged(None, figures.plain({"a": [figures.seconds("x", 1.0)], "b": []}, 1.0))
    second = figures.merged(first, figures.plain({"a": [figures.seconds("x", 2.0)]}, 0.3))
    assert second["works"]["a"] == {"scale": 0.3, "figures": {"x": {"value": 2.0, "unit": "s"}}}
    assert second["works"]["b"] == first["works"]["b"]
