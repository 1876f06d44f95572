"""Landed rows go to Spark a batch at a time: by number, and by how long they are."""

from __future__ import annotations

import pytest

from jobs.conform.reader import chunks
from jobs.landing.records import LandedRow


def row(number: int, length: int) -> LandedRow:
    return LandedRow(number, "x" * length, "", None, {})


@pytest.mark.parametrize(
    ("lengths", "sizes"),
    [
        ([], []),
        ([1] * 7, [3, 3, 1]),
        ([4, 4, 4], [2, 1]),
        ([10], [1]),
        ([1, 30, 1, 1], [1, 1, 2]),
        ([10, 0, 0, 1], [3, 1]),
    ],
)
def test_a_batch_ends_by_rows_and_by_characters(lengths: list[int], sizes: list[int]) -> None:
    rows = [row(number, length) for number, length in enumerate(lengths)]
    found = list(chunks(rows, most_rows=3, most_characters=10))
    assert [len(chunk) for chunk in found] == sizes
    assert [one for chunk in found for one in chunk] == rows
