"""The open release on the real stores: from landed bytes to what anyone can download."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import frictionless
import httpx2 as httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from jobs import objects, ops, release
from jobs.errors import IntegrityFault, Refused, UsageFault
from jobs.ledger.verify import verify
from jobs.ops import events
from jobs.release import files, records
from schemas.ops import events as chain
from schemas.ops import releases
from schemas.registry import OPEN
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day
from tests.support.october import (
    ENTERPRISE,
    FORMULA,
    MARKERS,
    ROWS,
    copy,
)
from tests.support.public import download, get, rows

POLICY = release.Policy(minimum_provinces=1)


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """A line of one province with a closed month; the open bucket has its policy."""
    line.directory("01")
    (line.inbox("01") / "s1.ndjson.gz").write_bytes(ndjson(ROWS))
    line.day("01-dossiers", at_day(1))
    assert line.rows() == (0, 0, 0, 0, 45, 4)
    release.open_bucket_policy(line.settings)
    return line


@pytest.fixture(scope="module")
def first(told: Line) -> dict[str, Any]:
    """The first candidate."""
    return release.build(told.settings, at=at_day(1), policy=POLICY)


@pytest.fixture(scope="module")
def published(told: Line, first: dict[str, Any]) -> dict[str, Any]:
    """The first release, approved."""
    return release.approve(told.settings, release_id=first["release_id"], by="Steward", at=at_day(1))


def kinds(line: Line) -> list[str]:
    with ops.engine(line.settings).connect() as connection:
        assert events.verify(connection) is None
        query = sa.select(chain.c.kind).where(chain.c.kind.like("release.%")).order_by(chain.c.seq)
        return list(connection.scalars(query))


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


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_nobody_gets_past_s3(told: Line, method: str) -> None:
    port = json.loads((told.settings.home / "stack.json").read_text())["filer_port"]
    place = f"http://127.0.0.1:{port}/buckets/landing/01-dossiers/00000001/manifest.json"
    body = b"x" if method == "PUT" else None
    assert httpx.request(method, place, content=body, trust_env=False).status_code == 401


def test_the_page_tells_all_and_runs_nothing(told: Line, published: dict[str, Any]) -> None:
    text = get(told, "open-data/index.html").text
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
    for contract in OPEN:
        assert contract.info.title_vi in text
        for one in published["datasets"][contract.table()]["files"].items():
            assert one[0] in text
        assert published["datasets"][contract.table()]["files"][f"{contract.table()}.csv"]["sha256"] in text


@pytest.mark.usefixtures("published")
def test_a_small_change_of_a_closed_month_waits_and_a_large_one_is_restated(told: Line) -> None:
    settings = told.settings
    (told.inbox("01") / "s2.ndjson.gz").write_bytes(ndjson([copy(400, "20261010163000")]))
    told.day("01-dossiers", at_day(2))
    assert release.build(settings, at=at_day(2), policy=POLICY)["changed"] is False
    late = [copy(number, "20261010163000") for number in range(401, 420)]
    (told.inbox("01") / "s3.ndjson.gz").write_bytes(ndjson(late))
    told.day("01-dossiers", at_day(3))
    second = release.build(settings, at=at_day(3), policy=POLICY)
    assert (second["version"], second["restated"]) == ("2026.11.2", {"dossier_counts": ["G15-CT01 2026-10"]})
    release.approve(settings, release_id=second["release_id"], by="Steward", at=at_day(3))
    found = {(row["field_code"], row["area_code"]): row for row in rows(told, "dossier_counts", "2026.11.2")}
    assert found["G15-CT01", "VN"]["on_time_count"] == 50
    changes = get(told, "open-data/datasets/dossier_counts/2026.11.2/CHANGELOG.md").text
    assert "G15-CT01 2026-10" in changes
    assert "## 2026.11.1" in changes
    assert get(told, "open-data/datasets/dossier_counts/2026.11.1/dossier_counts.csv").status_code == 200


@pytest.mark.usefixtures("published")
def test_a_withdrawn_release_leaves_a_tombstone(told: Line) -> None:
    settings = told.settings
    for _ in range(2):
        release.withdraw(settings, release_id="2026.11.2", by="Steward", reason="Sai <số>", at=at_day(3))
    base = "open-data/datasets/dossier_counts/2026.11.2"
    assert get(told, f"{base}/dossier_counts.csv").status_code == 404
    assert get(told, f"{base}/TOMBSTONE.json").json()["reason"] == "Sai <số>"
    assert get(told, "open-data/datasets/dossier_counts/latest.json").json()["version"] == "2026.11.1"
    page = get(told, "open-data/index.html").text
    assert "Sai &lt;số&gt;" in page
    assert "2026.11.2/TOMBSTONE.json" in page
    assert release.first_difference(settings) is None
    assert kinds(told)[-1] == "release.withdrawn"
    with pytest.raises(Refused):
        release.approve(settings, release_id="2026.11.2", by="Steward", at=at_day(3))


@pytest.mark.usefixtures("published")
def test_an_open_bucket_that_was_lost_is_made_anew(told: Line) -> None:
    store, bucket = objects.client(told.settings), told.settings.open_bucket
    for key in list(objects.keys(store, bucket, "")):
        store.remove_object(bucket_name=bucket, object_name=key)
    assert release.first_difference(told.settings) is not None
    assert release.republish(told.settings) > 0
    assert release.first_difference(told.settings) is None


def test_a_rejected_candidate_is_never_public(told: Line) -> None:
    settings = told.settings
    third = release.build(settings, at=at_day(4), policy=POLICY)
    assert (third["version"], third["changed"]) == ("2026.11.3", True)
    release.reject(settings, release_id=third["release_id"], by="Steward", reason="Chưa cần", at=at_day(4))
    with pytest.raises(Refused):
        release.approve(settings, release_id=third["release_id"], by="Steward", at=at_day(4))
    assert get(told, "open-data/datasets/procedures/2026.11.3/procedures.csv").status_code == 404
    assert "2026.11.3" not in get(told, "open-data/index.html").text


@pytest.mark.usefixtures("published")
def test_a_candidate_that_was_changed_is_not_published(told: Line) -> None:
    settings = told.settings
    fourth = release.build(settings, at=at_day(4), policy=POLICY)
    key = f"_releases/{fourth['version']}/procedures/procedures.csv"
    store = objects.client(settings)
    whole = objects.get(store, "landing", key)
    objects.put(store, "landing", key, whole + b"x")
    with pytest.raises(IntegrityFault):
        release.approve(settings, release_id=fourth["release_id"], by="Steward", at=at_day(4))
    assert release.show(settings, release_id=fourth["release_id"])["state"] == "candidate"
    with pytest.raises(Refused, match="approved and not yet published"):
        records.add(ops.engine(settings), version="2026.11.9", body={}, at=at_day(4))
    objects.put(store, "landing", key, whole)
    finished = release.approve(settings, release_id=fourth["release_id"], by="Other", at=at_day(4))
    assert (finished["state"], finished["decided_by"]) == ("published", "Steward")
    assert release.first_difference(settings) is None


@pytest.mark.usefixtures("published")
def test_a_changed_release_is_found(told: Line) -> None:
    engine = ops.engine(told.settings)
    mine = releases.c.release_id == "2026.11.1"
    with engine.connect() as connection:
        row = dict(connection.execute(sa.select(releases).where(mine)).mappings().one())
    body = json.loads(json.dumps(row["body"]))
    body["datasets"]["procedures"]["rows"] += 1
    for values, what in (
        ({"decided_by": "Nobody"}, "decided_by"),
        ({"body": body}, "evidence.datasets.procedures.rows"),
    ):
        with engine.begin() as connection:
            connection.execute(releases.update().where(mine).values(values))
        found = verify(told.settings)["first_difference"]
        with engine.begin() as connection:
            connection.execute(releases.update().where(mine).values(row))
        assert (found["where"], found["what"]) == ("ops.releases 2026.11.1", what)


@pytest.mark.usefixtures("published")
def test_a_changed_public_file_is_found(told: Line) -> None:
    store = objects.client(told.settings)
    key = "datasets/procedures/2026.11.1/procedures.csv"
    whole = objects.get(store, "open-data", key)
    objects.put(store, "open-data", key, whole + b"x", files.media_type(key))
    assert "procedures.csv" in (release.first_difference(told.settings) or "")
    assert "procedures.csv" in verify(told.settings)["first_difference"]["where"]
    objects.put(store, "open-data", key, whole, files.media_type(key))
    assert verify(told.settings)["first_difference"] is None
    objects.put(store, "open-data", "strange.txt", b"x")
    assert "strange.txt" in (release.first_difference(told.settings) or "")
    store.remove_object(bucket_name="open-data", object_name="strange.txt")
    assert release.first_difference(told.settings) is None
