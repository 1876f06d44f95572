"""Questions in the population database's words, and what its answers say to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.sources.population import messages as m
from jobs.sources.population.messages import Question, in_capitals, line, verdict
from tests.support.civil import AN, BINH

AT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
ASKS_AS = {"MaDVC": "1.004222", "MaCanBo": "tester", "MaDonVi": "G01"}


def citizen(question: Question, **changed: Any) -> Any:
    family, *middle, given = question.full_name.upper().split()
    told = {
        "SoDinhDanh": question.personal_id,
        "HoVaTen": SimpleNamespace(Ho=family, ChuDem=" ".join(middle), Ten=given),
        "NgayThangNamSinh": SimpleNamespace(NgayThangNam=question.birth.replace("-", ""), Nam=None),
    }
    return SimpleNamespace(**told | changed)


def born(day: str | None = None, year: str | None = None) -> Any:
    return SimpleNamespace(NgayThangNam=day, Nam=year)


@pytest.mark.parametrize(
    ("birth", "asked"),
    [
        ("1990-05-17", {"NgayThangNam": "19900517"}),
        ("1990-01-01", {"NgayThangNam": "19900101"}),
        ("05/1990", {"Nam": "1990"}),
        ("1990", {"Nam": "1990"}),
    ],
)
def test_a_birth_is_asked_for_as_precisely_as_it_is_known(birth: str, asked: dict[str, str]) -> None:
    told = Question("e", "001190000001", "An", birth).message("XT1", "me", ASKS_AS)
    assert told["NgayThangNamSinh"] == asked


def test_the_whole_question() -> None:
    assert AN.message("XT1", "me", ASKS_AS) == {
        "MaYeuCau": "XT1",
        **ASKS_AS,
        "MaTichHop": "037",
        "TaiKhoan": "me",
        "SoDinhDanh": "001190000001",
        "HoVaTen": "NGUYỄN THỊ AN",
        "NgayThangNamSinh": {"NgayThangNam": "19900517"},
    }


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Đặng Thuỳ Hương", "ĐẶNG THUỲ HƯƠNG"),
        ("Nguyễn", "NGUYỄN"),
        ("H'Hen  Niê", "H'HEN NIÊ"),
        ("ưở ợẫ ỵ", "ƯỞ ỢẪ Ỵ"),
    ],
)
def test_names_are_asked_for_in_capitals(name: str, written: str) -> None:
    assert in_capitals(name) == written


def test_a_question_has_one_code_for_ever_and_only_with_the_key() -> None:
    code = AN.code(b"k")
    assert code == Question("other place", AN.personal_id, AN.full_name, AN.birth).code(b"k")
    others = {
        BINH.code(b"k"),
        AN.code(b"l"),
        Question("e1", AN.personal_id, "Nguyễn Thị Ân", AN.birth).code(b"k"),
        Question("e1", AN.personal_id, AN.full_name, "1990").code(b"k"),
    }
    assert len(others | {code}) == 5
    assert len(code) == 26


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([citizen(AN)], m.CONFIRMED),
        ([], m.UNKNOWN),
        ([citizen(AN, HoVaTen=SimpleNamespace(Ho="NGUYỄN", ChuDem="THỊ", Ten="ÂN"))], m.DIFFERS),
        ([citizen(AN, HoVaTen=None)], m.DIFFERS),
        ([citizen(AN, NgayThangNamSinh=born("19900518"))], m.DIFFERS),
        ([citizen(AN, NgayThangNamSinh=born(year="1990"))], m.DIFFERS),
        ([citizen(AN, NgayThangNamSinh=None)], m.DIFFERS),
        ([citizen(AN), citizen(AN)], m.AMBIGUOUS),
        ([citizen(BINH)], m.UNUSABLE),
        ([citizen(AN), citizen(BINH)], m.UNUSABLE),
        ([citizen(AN, SoDinhDanh=None)], m.UNUSABLE),
        ([None], m.UNUSABLE),
    ],
)
def test_what_an_answer_says(found: list[Any], says: str) -> None:
    assert verdict(AN, found) == says


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (born("19750201"), m.CONFIRMED),
        (born(year="1975"), m.CONFIRMED),
        (born("19760201"), m.DIFFERS),
        (born(), m.DIFFERS),
    ],
)
def test_a_year_is_compared_as_a_year(told: Any, says: str) -> None:
    assert verdict(BINH, [citizen(BINH, NgayThangNamSinh=told)]) == says


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (born("19800512"), m.CONFIRMED),
        (born("19800501"), m.CONFIRMED),
        (born(year="1980"), m.CONFIRMED),
        (born("19800912"), m.DIFFERS),
        (born("19810512"), m.DIFFERS),
        (born(year="1981"), m.DIFFERS),
        (born(), m.DIFFERS),
    ],
)
def test_a_month_is_compared_with_the_month_of_a_day(told: Any, says: str) -> None:
    cuc = Question("e3", "001080000001", "Lê Thị Cúc", "05/1980")
    assert verdict(cuc, [citizen(cuc, NgayThangNamSinh=told)]) == says


@pytest.mark.parametrize("outcome", [m.CONFIRMED, m.UNKNOWN, m.DIFFERS, m.AMBIGUOUS])
def test_what_is_landed_is_the_question_and_what_came_of_it(outcome: str) -> None:
    told = json.loads(line(AN, "XT1", outcome, AT))
    said = "confirmed_at" if outcome == m.CONFIRMED else "not_confirmed_at"
    assert told == {
        "request_id": "XT1",
        "answered_at": "2026-11-02T16:30:00+00:00",
        "outcome": outcome,
        "person": {
            "personal_id": "001190000001",
            "full_name": "Nguyễn Thị An",
            "birth_date": "1990-05-17",
            said: "2026-11-02T16:30:00+00:00",
        },
    }
