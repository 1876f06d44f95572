"""The statuses of every dialect: where each correspondence is from, and that it is what is said there."""

from __future__ import annotations

import re

import pytest

from infra.sandbox.systems import SYSTEMS
from schemas import dialect as dialects
from schemas import reference
from schemas.types import DossierStatus, StatusCode

SPOKEN = ["dvcqg", *SYSTEMS]
SOURCE = re.compile(r"dossier_statuses\.csv|tamviettech/e-par")
CODES = {row["dvcqg_code"] for row in reference.dossier_statuses()} - {"0"}
ROLES = {"TIEP_NHAN", "THU_LY", "BO_SUNG", "THU_PHI", "KY_DUYET", "CHUYEN_LEN_HUYEN", "TRA_KET_QUA"}


def test_the_portals_statuses_are_those_of_the_list() -> None:
    assert {*(DossierStatus.values or ())} == CODES


@pytest.mark.parametrize("name", SPOKEN)
def test_every_reading_names_its_source(name: str) -> None:
    assert all(SOURCE.search(one.note) for one in dialects.load(name).header["status"])


@pytest.mark.parametrize("name", SPOKEN)
def test_every_reading_gives_a_status_of_the_list(name: str) -> None:
    for one in dialects.load(name).header["status"]:
        assert one.parser in {"text", "map"}
        assert {*one.values.values()} - {""} <= CODES


def test_opencps_speaks_the_words_of_the_list() -> None:
    (one,) = dialects.load("opencps").header["status"]
    told = {row["opencps_status_mapped"]: row["dvcqg_code"] for row in reference.dossier_statuses()}
    assert one.values == {word: code for word, code in told.items() if code in CODES}


def test_e_par_speaks_the_roles_of_its_tasks() -> None:
    last = dialects.load("epar").header["status"][-1]
    assert {*last.values} == ROLES


@pytest.mark.parametrize(
    ("sent", "is_named"),
    [
        ("11", True),
        ("interoperating", True),
        ("CHUYEN_LIEN_THONG", True),
        ("Đã xử lý xong", False),
        ("Nguyen Van An", False),
        ("001090000001", False),
        ("0912345678", False),
        ("an@example.vn", False),
        ("", False),
    ],
)
def test_only_a_short_code_is_named(sent: str, is_named: bool) -> None:
    assert (re.fullmatch(StatusCode.pattern or "", sent) is not None) is is_named
