"""What comes after a release: restated, withdrawn, rejected, lost or altered."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from jobs import objects, ops, release
from jobs.errors import IntegrityFault, Refused
from jobs.ledger.verify import verify
from jobs.release import files, records
from schemas.ops import releases
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day
from tests.support.october import POLICY, copy
from tests.support.public import get, kinds, rows


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


@pytest.mark.usefixtures("published")
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
