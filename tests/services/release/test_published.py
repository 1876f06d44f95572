"""The open release on the real stores: from landed bytes to what anyone can download."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import frictionless
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs import objects, release
from jobs.errors import UsageFault
from schemas.registry import OPEN
from tests.support.line import Line, at_day
from tests.support.october import ENTERPRISE, FORMULA, MARKERS, POLICY
from tests.support.public import download, get, kinds, rows


def test_a_candidate_is_not_public(told: Line, first: dict[str, Any]) -> None:
    assert (first["version"], first["state"], first["periods"]) == ("2026.11.1", "candidate", ["2026-10"])
    assert len(first["late"]["2026-10"]) == 33
    store = objects.client(told.settings)
    assert list(objects.keys(store, "open-data", "")) == []
    assert get(told, f"landing/_releases/{first['version']}/procedures/procedures.csv").status_code == 403


def test_the_same_data_give_no_second_candidate(told: Line, first: dict[str, Any]) -> None:
    again = release.build(told.settings, at=at_day(1) + timedelta(hours=1), policy=POLICY)
    assert again == {**first, "changed": False}


def test_a_nameless_approval_is_refused(told: Line, first: dict[str, Any]) -> None:
    with pytest.raises(UsageFault):
        release.approve(told.settings, release_id=first["release_id"], by=" ", at=at_day(1))


def test_approving_publishes_once(told: Line, published: dict[str, Any]) -> None:
    assert (published["state"], published["decided_by"], published["changed"]) == (
        "published",
        "Steward",
        True,
    )
    again = release.approve(told.settings, release_id=published["release_id"], by="Other", at=at_day(2))
    assert (again["decided_by"], again["changed"], again["files_written"]) == ("Steward", False, 0)
    assert kinds(told) == ["release.built", "release.approved", "release.published"]
    assert release.first_difference(told.settings) is None


@pytest.mark.parametrize("noun", [contract.table() for contract in OPEN])
def test_anyone_downloads_a_valid_package(
    told: Line, published: dict[str, Any], noun: str, tmp_path: Path
) -> None:
    found = download(told, noun, published["version"], tmp_path)
    assert {f"{noun}.csv", f"{noun}.parquet", "datapackage.json", "LICENCE.txt", "DICTIONARY.md"} <= set(
        found
    )
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    assert report.stats["tasks"] == 2
    latest = get(told, f"open-data/datasets/{noun}/latest.json").json()
    assert latest["version"] == published["version"]


def test_counts_are_right_and_small_ones_hidden(told: Line, published: dict[str, Any]) -> None:
    found = {
        (row["field_code"], row["area_code"]): row
        for row in rows(told, "dossier_counts", published["version"])
    }
    copies = found["G15-CT01", "VN"]
    assert (copies["received_count"], copies["approved_count"]) == (45, 42)
    assert (copies["on_time_count"], copies["late_count"], copies["without_due_date_count"]) == (30, 12, 0)
    assert (copies["refused_count"], copies["is_suppressed"], copies["province_count"]) == (None, True, 1)
    assert found["G15-CT01", "01"]["refused_count"] is None
    assert found["G05-DN01", "VN"]["received_count"] is None
    assert found["G01-CT01", "VN"]["received_count"] == 0


def test_only_enterprises_are_named(told: Line, published: dict[str, Any]) -> None:
    found = rows(told, "business_enterprises", published["version"])
    assert [row["tax_code"] for row in found] == [ENTERPRISE, FORMULA]
    assert found[0] == {
        "tax_code": ENTERPRISE,
        "name": "CÔNG TY TNHH SÔNG HỒNG",
        "address_text": "Số 1",
        "commune_code": "00004",
        "province_code": "01",
        "main_industry_codes": "2025:62010",
        "legal_status_code": "7",
    }
    counts = rows(told, "business_counts", published["version"])
    assert {row["business_count"] for row in counts if row["area_code"] in {"01", "VN"}} == {None}


def test_a_spreadsheet_runs_no_cell(told: Line, published: dict[str, Any]) -> None:
    noun = "business_enterprises"
    answer = get(told, f"open-data/datasets/{noun}/{published['version']}/{noun}.csv")
    assert "'=HYPERLINK(1) CÔNG TY,'@Số 2" in answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.usefixtures("published")
def test_no_person_or_household_in_any_byte(told: Line) -> None:
    store = objects.client(told.settings)
    keys = list(objects.keys(store, "open-data", ""))
    assert len(keys) > 40
    for key in keys:
        data = objects.get(store, "open-data", key)
        text = data.decode(errors="ignore")
        if key.endswith(".parquet"):
            text += json.dumps(
                pq.read_table(pa.BufferReader(data)).to_pylist(), default=str, ensure_ascii=False
            )
        assert [marker for marker in MARKERS if marker in text] == [], key
        assert "Steward" not in text, key


@pytest.mark.parametrize(
    ("method", "key"),
    [
        ("GET", "landing/?list-type=2"),
        ("GET", "landing/01-dossiers/00000001/manifest.json"),
        ("GET", "lake/?list-type=2"),
        ("GET", "open-data/?list-type=2"),
        ("GET", "open-data/?policy"),
        ("GET", ""),
        ("GET", "open-data/../landing/01-dossiers/00000001/manifest.json"),
        ("PUT", "open-data/evil.html"),
        ("PUT", "open-data/index.html"),
        ("DELETE", "open-data/index.html"),
        ("POST", "open-data/evil?uploads"),
        ("PUT", "landing/evil"),
        ("PUT", "new-bucket"),
    ],
)
@pytest.mark.usefixtures("published")
def test_the_anonymous_may_only_read_what_is_open(told: Line, method: str, key: str) -> None:
    assert get(told, "open-data/index.html").status_code == 200
    assert get(told, key, method).status_code == 403
    assert release.first_difference(told.settings) is None


def test_the_page_tells_all_and_runs_nothing(told: Line, published: dict[str, Any]) -> None:
    text = get(told, "open-data/index.html").text
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
    for contract in OPEN:
        assert contract.info.title_vi in text
        for one in published["datasets"][contract.table()]["files"].items():
            assert one[0] in text
        assert published["datasets"][contract.table()]["files"][f"{contract.table()}.csv"]["sha256"] in text
