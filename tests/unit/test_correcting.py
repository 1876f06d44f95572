"""A corrected record: the named place alone changes, and no place is made that nobody named."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from jobs.landing.correcting import corrected
from jobs.landing.rows import rows_of
from jobs.landing.texts import text_of
from schemas.layout import USUAL


def test_numbers_beside_a_corrected_value_stay_as_they_were_written() -> None:
    numbers = {"a": "7.10", "b": "1e2", "c": "123456789012345678.123456", "d": "9" * 30}
    line = ",".join(f'"{name}":{text}' for name, text in numbers.items())
    (row,) = rows_of(f'{{"p":[{{"x":"1",{line}}}],{line}}}\n'.encode(), "ndjson", USUAL)
    assert row.record is not None
    before = copy.deepcopy(dict(row.record))
    found = corrected(row.record, [(["p", 0, "x"], "2")])
    assert found["p"][0]["x"] == "2"
    for node in (found, found["p"][0]):
        assert {name: text_of(node[name]) for name in numbers} == numbers
    assert dict(row.record) == before, "the record as received is not changed"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (["p", 0, "a"], {"p": [{"a": "x"}, {"a": 2}]}),
        (["p", 2, "a"], {"p": [{"a": 1}, {"a": 2}, {"a": "x"}]}),
        (["p", 3, "a"], {"p": [{"a": 1}, {"a": 2}]}),
        (["p", 9999, "a"], {"p": [{"a": 1}, {"a": 2}]}),
        (["q", 0, "a"], {"p": [{"a": 1}, {"a": 2}], "q": [{"a": "x"}]}),
        (["q", 1, "a"], {"p": [{"a": 1}, {"a": 2}]}),
        (["r", "s"], {"p": [{"a": 1}, {"a": 2}], "r": {"s": "x"}}),
    ],
)
def test_a_list_grows_by_its_next_item_alone(path: list[str | int], found: dict[str, Any]) -> None:
    assert corrected({"p": [{"a": 1}, {"a": 2}]}, [(path, "x")]) == found


def test_a_lone_object_is_its_own_first_item() -> None:
    assert corrected({"p": {"a": 1}}, [(["p", 0, "a"], "x")]) == {"p": {"a": "x"}}
    assert corrected({"p": {"a": 1}}, [(["p", 1, "a"], "x")]) == {"p": [{"a": 1}, {"a": "x"}]}
