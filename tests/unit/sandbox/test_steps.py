"""The versions that the sandbox sends step back where it put that in, and nowhere else."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox import truth
from infra.sandbox.build import build
from infra.sandbox.feed import STATUSES, UNMAPPED
from schemas.lifecycle import Version, steps_back
from schemas.types import DossierStatus

Item = dict[str, Any]
DAY = 5


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    build(folder, seed="steps", scale=0.1, profile="filthy", days=DAY)
    return folder


@pytest.fixture(scope="module")
def dossiers(world: Path) -> dict[str, list[Item]]:
    """The items of every dossier, in the order in which a feed shows them."""
    found = defaultdict(list)
    with closing(sqlite3.connect(world / "world.sqlite")) as database:
        for (body,) in database.execute("select body from items order by updated_at, id"):
            item = json.loads(body)
            found[item["MaHoSo"]].append(item)
    return found


@pytest.fixture(scope="module")
def kinds(world: Path) -> dict[str, str]:
    """The fault of a dossier."""
    return {one.dossier_code: one.kind for one in truth.faults(world, day=DAY + 9)}


def version(item: Item) -> Version:
    status, finished = item["TrangThaiHoSo"], item.get("NgayKetThucXuLy")
    return Version(
        status if status in (DossierStatus.values or ()) else None,
        decided_at=datetime.strptime(f"{finished}+0700", "%Y%m%d%H%M%S%z") if finished else None,
        changed_at=datetime.fromisoformat(item["updated_at"]),
        corrected_at=datetime.fromisoformat(item["corrected_at"]) if item["corrected_at"] else None,
        withdrawn_at=datetime.fromisoformat(item["withdrawn_at"]) if item["withdrawn_at"] else None,
    )


def test_by_the_numbers_of_versions(dossiers: dict[str, list[Item]], kinds: dict[str, str]) -> None:
    """Sent late or again, a version has its own number, and its own place."""
    seen = Counter[str]()
    for code, items in dossiers.items():
        told = steps_back([version(one) for one in sorted(items, key=lambda one: one["sequence"])])
        kind = kinds.get(code, "")
        assert sum(told) == (kind == "status_backwards"), kind
        seen[kind] += 1
    assert min(seen[kind] for kind in ("status_backwards", "status_corrected", "stale_version", "resend")) > 5


def test_by_their_instants_alone(dossiers: dict[str, list[Item]], kinds: dict[str, str]) -> None:
    """Where a system tells no number, an old state under a new instant cannot be told from a step back."""
    for code, items in dossiers.items():
        told = steps_back([version(one) for one in items])
        if kinds.get(code) not in {"status_backwards", "stale_version"}:
            assert not any(told), kinds.get(code)


def test_a_correction_names_its_basis_and_the_dossier_is_finished_again_the_same_day(
    dossiers: dict[str, list[Item]], kinds: dict[str, str]
) -> None:
    for code in (code for code, kind in kinds.items() if kind == "status_corrected" and code in dossiers):
        before, back, again = dossiers[code][-3:]
        assert back["TrangThaiHoSo"] == "4"
        assert back["corrected_at"]
        assert back["correction_basis"]
        assert "NgayKetThucXuLy" not in back
        assert again["TrangThaiHoSo"] == "10"
        assert again["NgayKetThucXuLy"] == before["NgayKetThucXuLy"]
        gap = datetime.fromisoformat(again["updated_at"]) - datetime.fromisoformat(back["updated_at"])
        assert gap < timedelta(hours=1)


def test_what_no_list_has_is_a_word_or_the_number_of_none(
    dossiers: dict[str, list[Item]], kinds: dict[str, str]
) -> None:
    wanted = {"status_text": {*STATUSES.values()}, "unmapped_status": {UNMAPPED}}
    seen = Counter[str]()
    for code, kind in kinds.items():
        if kind in wanted:
            assert {one["TrangThaiHoSo"] for one in dossiers[code]} <= wanted[kind]
            seen[kind] += 1
    assert min(seen.values()) > 0
    assert {*seen} == {*wanted}
