"""A drafted mapping: whatever a sender puts in a name, it does not leave the line that it is written on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sources.draft.propose import Proposal
from jobs.sources.draft.sample import sample_of
from jobs.sources.draft.written import mapping

PLACE = Proposal("dossier_code", "MaHoSo", "text", {}, 1.0, "1.00 MaHoSo", "100% of 1 values")


def drafted(record: Mapping[str, Any], items: str = "", place: Proposal = PLACE) -> str:
    return mapping("new", sample_of([record]), items, [place], [])


@pytest.mark.parametrize(
    "name", ["a\nstatus = 1", "a\r", "a\x7f", "\u202ea", "a\u2066", "\u2028", "\x85", "\U000e0041", "\u200b"]
)
def test_a_name_stays_in_its_comment(name: str) -> None:
    told = drafted({"MaHoSo": "1", name: "2"}, items=name)
    stated = tomllib.loads(told)
    assert stated["layout"]["items"] == name
    assert stated["header"] == {"dossier_code": {"path": "MaHoSo", "parser": "text"}}
    assert all(char.isprintable() for char in told.replace("\n", ""))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_any_name_is_read_back_as_it_is(name: str) -> None:
    place = Proposal("dossier_code", name, "text", {name: "x"}, 1.0, "1.00 MaHoSo", "no value")
    told = tomllib.loads(drafted({f"{name}_": "1"}, items=name, place=place))
    assert told["header"]["dossier_code"] == {"path": name, "parser": "text", "values": {name: "x"}}


def test_a_vietnamese_name_is_written_as_it_is() -> None:
    told = drafted({"Họ và tên": "A"})
    assert '# "Họ và tên": not mapped (1 values).' in told
