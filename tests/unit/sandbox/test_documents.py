"""The provinces' documents: read without fault, the same in every build, put out where their feeds look."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import pytest

from infra.sandbox import documents, exports
from infra.sandbox.build import build
from jobs.landing.edxml import message_of
from jobs.settings import CHECKOUT, load_settings
from jobs.sources import model

DAYS = 6


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    build(folder, seed="documents", scale=0.1, profile="typical", days=DAYS)
    for day in range(DAYS + 1):
        exports.write(folder, day, "documents")
    return folder / "exports"


def put_out(exports: Path) -> dict[str, bytes]:
    return {
        f"{province}/{path.name}": path.read_bytes()
        for province in documents.PAIRS
        for path in sorted(documents.folder_of(exports, province).iterdir())
    }


def test_every_message_is_one_and_says_what_it_should(world: Path) -> None:
    told = {name: message_of(io.BytesIO(data)) for name, data in put_out(world).items()}
    kinds = Counter(one["Kind"] for one in told.values())
    assert kinds["document"] > 20
    assert kinds["status"] > kinds["document"]
    letters = {one["DocumentId"]: one for one in told.values() if one["Kind"] == "document"}
    about = {one["DocumentId"] for one in told.values() if one["Kind"] == "status"}
    assert len(about & letters.keys()) > 10
    answered = [one["ResponseFor"]["DocumentId"] for one in letters.values() if "ResponseFor" in one]
    assert answered
    spoilt = [one for one in letters.values() if one["Counts"]["missing"]]
    assert 0 < len(spoilt) < len(letters) / 3


def test_the_same_world_has_the_same_messages_however_the_days_went_by(world: Path, tmp_path: Path) -> None:
    build(tmp_path, seed="documents", scale=0.1, profile="typical", days=DAYS)
    exports.write(tmp_path, DAYS, "documents")
    assert put_out(tmp_path / "exports") == put_out(world)


def test_documents_are_about_the_provinces_own_dossiers(world: Path) -> None:
    texts = [
        data.decode()
        for name, data in put_out(world).items()
        if name.startswith("01/2") and "document" in name
    ]
    assert texts
    assert all("V/v phối hợp giải quyết hồ sơ H26" in text for text in texts)
    assert json.dumps(texts).count("cong-van.pdf") == 2 * len(texts)


def test_they_are_read_where_they_are_put_out() -> None:
    stated = {
        "LIENTHONG_SOURCE_PATHS": str(CHECKOUT / "infra" / "sources"),
        "LIENTHONG_SANDBOX_URL": "http://sandbox.example",
    }
    feeds = model.load(load_settings(stated))
    assert {name.partition("-")[0] for name in feeds if name.endswith("-documents")} == {*documents.PAIRS}
    for province in documents.PAIRS:
        feed = feeds[f"{province}-documents"]
        assert (feed.dialect, feed.url.endswith(f"/exports/edxml/{province}")) == ("edxml", True)
