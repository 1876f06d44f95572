"""Which fields records have: names and types, never a value; what may be a value is not named."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jobs.landing.decoding import decoded
from jobs.landing.fields import Fields, summed
from schemas import dialect as dialects


def told(dialect: str, *records: dict[str, Any]) -> dict[str, Any]:
    fields = Fields(dialects.load(dialect))
    for one in records:
        fields.see(one)
    found: dict[str, Any] = json.loads(fields.told() or "{}")
    assert fields.told() is None
    return found


def test_names_and_types_are_counted_by_record() -> None:
    records = [
        {"docCode": "A", "status": 9, "eForm": {"people": [{"citizenId": "1"}, {"citizenId": 2}]}},
        {"docCode": "", "status": "10", "eForm": {"people": []}, "isVerified": False},
        {"docCode": None, "status": 0, "docFees": {}, "x": Decimal(1), "y": date(2026, 11, 2)},
    ]
    found = told("lgsp_en", *records)
    assert found["rows"] == 3
    assert found["paths"] == {
        "docCode:text": 1,
        "docCode:empty": 2,
        "status:number": 2,
        "status:text": 1,
        "eForm:object": 2,
        "eForm.people:list": 1,
        "eForm.people:empty": 1,
        "eForm.people[]:object": 1,
        "eForm.people[].citizenId:text": 1,
        "eForm.people[].citizenId:number": 1,
        "isVerified:boolean": 1,
        "docFees:empty": 1,
        "x:number": 1,
        "y:text": 1,
    }


def test_a_number_of_a_page_that_is_not_whole_is_a_number() -> None:
    record = decoded(b'{"whole": 2, "part": 2.50, "none": 0.0}', is_page=True)
    assert {*told("lgsp_en", record)["paths"]} == {"whole:number", "part:number", "none:number"}


def test_a_lone_object_in_the_place_of_a_group_is_its_item() -> None:
    paths = told("lgsp_en", {"eForm": {"people": {"sex": "1"}}})["paths"]
    assert {"eForm.people:list", "eForm.people[]:object", "eForm.people[].sex:text"} <= {*paths}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("newField", "newField"),
        ("Ngày_sinh", "Ngày_sinh"),
        ("Nguyễn Văn An", "?"),
        ("001090000001", "?"),
        ("id001090000001", "?"),
        ("a.b:c", "?"),
        ("x" * 41, "?"),
    ],
)
def test_a_name_that_may_be_a_value_is_not_told(name: str, shown: str) -> None:
    assert told("lgsp_en", {name: "1"})["paths"] == {f"{shown}:text": 1}


@pytest.mark.parametrize(
    ("record", "codes"),
    [
        ({"status": 9}, {}),
        ({"status": "11"}, {"status=11": 1}),
        ({"status": 12}, {"status=12": 1}),
        ({"status": "Đã trả"}, {"status=?": 1}),
        ({"status": "001090000001"}, {"status=?": 1}),
        ({"status": "090123"}, {"status=?": 1}),
        ({"status": None}, {}),
        ({"eForm": {"people": [{"sex": "7"}, {"sex": "1"}, {"sex": "0"}]}}, {"persons.sex=7": 1}),
    ],
)
def test_codes_that_no_list_has(record: dict[str, Any], codes: dict[str, int]) -> None:
    assert told("lgsp_en", record)["codes"] == codes


def test_of_several_places_the_first_with_a_code_counts() -> None:
    def at(**record: str) -> dict[str, int]:
        found: dict[str, int] = told("epar", record)["codes"]
        return {name: n for name, n in found.items() if name.startswith("status=")}

    assert at(C_NEXT_TASK_CODE="TN03::THU_LY") == {}
    assert at(C_NEXT_TASK_CODE="TN03::KHONG_BIET") != {}
    assert at(C_REJECTED="1", C_NEXT_TASK_CODE="TN03::KHONG_BIET") == {}


def test_parts_are_summed_and_what_few_records_have_is_left_out() -> None:
    dialect = dialects.load("lgsp_en")
    parts = [
        json.dumps({"rows": 15, "paths": paths, "codes": codes})
        for paths, codes in (
            ({"docCode:text": 2, "common:text": 15, "rare:text": 1}, {"status=11": 3, "status=An": 1}),
            ({"docCode:text": 3, "common:text": 5}, {"status=11": 2, "status=?": 1}),
        )
    ]
    assert summed(parts, dialect) == {
        "rows": 30,
        "paths": {"common:text": 20, "docCode:text": 5},
        "codes": {"status=11": 5, "status=?": 2},
    }


def test_many_different_records_are_counted_within_bounds() -> None:
    records = [{"docCode": "A", **{f"k{n}_{i}": "x" for i in range(3)}} for n in range(6000)]
    found = told("lgsp_en", *records)
    assert found["paths"]["docCode:text"] == 6000
    assert len(found["paths"]) <= 2000
