"""The world of the sandbox: the same bytes again, faults marked before anybody reads, memory of one cell."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from infra.sandbox import dirt, truth
from infra.sandbox.build import build, cells, places
from infra.sandbox.cell import Cell
from infra.sandbox.places import provinces

SCALE = 0.03


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    build(folder, seed="7", scale=SCALE, profile="filthy", days=4)
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    build(folder, seed="7", scale=0.005, profile="clean", days=2)
    return folder


def items(folder: Path, until: str = "9999") -> list[tuple[str, ...]]:
    with sqlite3.connect(folder / "world.sqlite") as database:
        query = "select * from items where updated_at <= ? order by province, updated_at, id"
        return database.execute(query, (until,)).fetchall()


def extracts(folder: Path) -> dict[str, bytes]:
    files = sorted((folder / "baseline").rglob("*.*"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def rows(folder: Path) -> Iterator[dict[str, object]]:
    for file in (folder / "baseline").rglob("*.parquet"):
        yield from pq.read_table(file).to_pylist()
    for file in (folder / "baseline").rglob("*.gz"):
        yield from map(json.loads, gzip.decompress(file.read_bytes()).splitlines())


def test_the_same_world_again_has_the_same_bytes(world: Path, tmp_path: Path) -> None:
    build(tmp_path, seed="7", scale=SCALE, profile="filthy", days=4)
    assert items(tmp_path) == items(world)
    assert extracts(tmp_path) == extracts(world)
    assert list(truth.entities(tmp_path, day=4)) == list(truth.entities(world, day=4))


def test_another_seed_gives_another_world(world: Path, tmp_path: Path) -> None:
    build(tmp_path, seed="8", scale=SCALE, profile="filthy", days=4)
    assert items(tmp_path) != items(world)


def test_a_longer_world_begins_the_same(world: Path, tmp_path: Path) -> None:
    build(tmp_path, seed="7", scale=SCALE, profile="filthy", days=12)
    evening = "2026-11-05T23:30:00+07:00"
    assert items(tmp_path, evening) == items(world, evening)
    assert extracts(tmp_path) == extracts(world)
    for day in (0, 1, 4):
        assert list(truth.entities(tmp_path, day=day)) == list(truth.entities(world, day=day))
        assert list(truth.faults(tmp_path, day=day)) == list(truth.faults(world, day=day))


def test_a_fault_is_marked_as_its_kind_before_anybody_reads_it(world: Path) -> None:
    found = {(one.kind, one.detectable, one.repairable) for one in truth.faults(world, day=4)}
    assert len(found) > 20
    assert found <= {(kind.name, kind.detectable, kind.repairable) for kind in dirt.KINDS}


@pytest.mark.parametrize("kind", [kind for kind in dirt.KINDS if kind.inject], ids=lambda kind: kind.name)
def test_every_kind_finds_an_occasion(clean: Path, kind: dirt.Kind) -> None:
    assert kind.inject is not None
    rng = random.Random(1)
    dossiers = (json.loads(body) for *_, body in items(clean))
    spoiled = 0
    for row in rows(clean) if kind.in_baseline else dossiers:
        before = json.dumps(row)
        done = kind.inject(row, rng)
        assert done == (json.dumps(row) != before)
        spoiled += done
    assert spoiled > 0


def test_a_clean_world_has_no_fault(clean: Path) -> None:
    assert not list(truth.faults(clean, day=2))
    assert all(not one.faults for one in truth.entities(clean, day=2))


def test_every_true_state_is_what_some_record_in_force_has_made(world: Path) -> None:
    made: dict[tuple[str, str], list[object]] = {}
    for _, one in truth.effects(world, day=4):
        made.setdefault((one.register, one.key), []).append(one.state)
    standing = [one for one in truth.entities(world, day=4) if one.state]
    assert standing
    assert all(one.state in made[one.register, one.key] for one in standing)


def test_a_fault_touches_what_its_own_record_is_about(world: Path) -> None:
    touched = {(code.dossier_code, register, key) for register, key, code in truth.touches(world, day=4)}
    about = {(code, one.register, one.key) for code, one in truth.effects(world, day=4)}
    lasting = {one.dossier_code for one in truth.faults(world, day=4) if (one.effect_day or 0) <= 4}
    mine = {place for place in about if place[0] in lasting}
    assert mine
    assert mine <= touched


def test_most_entities_of_a_typical_world_are_untouched(tmp_path: Path) -> None:
    build(tmp_path, seed="2026", scale=SCALE, profile="typical", days=3)
    found = list(truth.entities(tmp_path, day=3))
    assert sum(not one.faults for one in found) >= 0.6 * len(found)
    assert any(one.faults and one.is_repairable for one in found)
    assert any(not one.is_repairable for one in found)


def test_no_two_entities_or_dossiers_share_a_key(world: Path) -> None:
    codes: dict[str, set[str]] = {}
    for _, _, number, body in items(world):
        codes.setdefault(json.loads(body)["MaHoSo"], set()).add(str(int(number) // 16))
    assert all(len(dossiers) == 1 for dossiers in codes.values())
    records = [row["record_id"] for row in rows(world)]
    assert len(records) == len(set(records))


def test_scale_one_is_the_size_that_is_promised(world: Path) -> None:
    small = sum(1 for _ in cells("7", SCALE))
    whole = sum(1 for _ in places(1.0))
    assert whole == pytest.approx(6000, rel=0.01)
    assert sum(1 for _ in rows(world)) / small * whole == pytest.approx(62_000, rel=0.05)
    day_one = len(items(world, "2026-11-02T23:30:00+07:00"))
    assert day_one / small * whole == pytest.approx(33_000, rel=0.15)


def test_three_million_dossiers_have_room_in_their_identifiers() -> None:
    largest = max(number for _, number in places(105.0))
    province = provinces()[-1]
    last = [Cell("7", province, number) for number in (largest - 1, largest)]
    keys = [
        (one.register, one.key) for cell in last for one in (*cell.people, *cell.parcels, *cell.businesses)
    ]
    assert {len(one.key) for cell in last for one in cell.people} == {12}
    assert len(keys) == len(set(keys))
