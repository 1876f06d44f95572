"""What the soak calls flat."""

from __future__ import annotations

import pytest

from tests.soak.readers import rank
from tests.soak.verdict import flat


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 100, 100, 100, 110], True),
        ([1, 2, 100, 100, 110, 112], False),
        ([500, 500, 100, 100, 50, 50], True),
        ([1, 2], False),
    ],
)
def test_the_last_third_may_not_lie_above_the_second(values: list[float], expected: bool) -> None:
    assert flat("x", values).is_flat is expected


def test_what_is_small_is_judged_as_its_floor() -> None:
    assert flat("x", [1, 1, 2], floor=16).is_flat
    assert not flat("x", [1, 1, 2]).is_flat


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2), (0.95, 4), (0, 1)])
def test_a_rank_is_a_value_that_occurred(share: float, expected: float) -> None:
    assert rank([3, 1, 2, 4], share) == expected
