"""Builds the world into a folder: feeds in SQLite, baseline files, the truth. Streams cell by cell."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from infra.sandbox import dirt, feed
from infra.sandbox.cell import DAY_ONE, Cell, Lived
from infra.sandbox.model import (
    Aggregate,
    activity_item,
    business_item,
    certificate_item,
    parcel_item,
    person_item,
    representative_item,
    residence_item,
    right_item,
)
from infra.sandbox.places import Province, provinces

CELLS = 6000
"""Cells of the country at scale 1: about 60 k baseline rows and 30 k dossiers until day one."""
AS_OF = "2026-07-31"
_SCHEMA = """
create table items (province text, updated_at text, id integer, body text);
create table faults (
    kind text, detectable integer, repairable integer, province text, dossier_code text, day integer
);
create table truth (register text, key text, day integer, fault text, state text);
"""
_INDEXES = """
create unique index items_order on items (province, updated_at, id);
create index truth_key on truth (register, key, day);
"""
Rows = dict[str, list[dict[str, Any]]]


def day_of(at: datetime) -> int:
    """The day of the calendar on whose evening an instant is known; day n is 2026-11-01 + n."""
    day = (at.date() - DAY_ONE).days + 1
    late = (at.hour, at.minute) >= (23, 30)
    return max(day + late, 1)


def build(folder: Path, *, seed: str, scale: float, profile: str, days: int) -> None:
    """Writes the world until a day: complete, or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    until = datetime.combine(DAY_ONE + timedelta(days=days), datetime.min.time())
    with sqlite3.connect(draft / "world.sqlite") as database:
        database.executescript("pragma journal_mode=off; pragma synchronous=off;" + _SCHEMA)
        rows: dict[str, Rows] = {
            p.code: {"persons": [], "parcels": [], "businesses": []} for p in provinces()
        }
        for cell in cells(seed, scale):
            _write_cell(database, cell, rows, profile, until)
        database.executescript(_INDEXES)
    database.close()
    for province, groups in rows.items():
        _write_baseline(draft / "baseline" / province, groups)
    shutil.rmtree(folder / "baseline", ignore_errors=True)
    (draft / "baseline").rename(folder / "baseline")
    (draft / "world.sqlite").rename(folder / "world.sqlite")
    draft.rmdir()


def cells(seed: str, scale: float) -> Iterator[Cell]:
    """Every cell of the country, province by province, by their numbers of communes."""
    for province in provinces():
        number = max(1, round(CELLS * scale * len(province.communes) / 3321))
        for place in range(number):
            yield Cell(seed, province, place)


def _write_cell(
    database: sqlite3.Connection, cell: Cell, rows: dict[str, Rows], profile: str, until: datetime
) -> None:
    rng = random.Random(f"{cell.seed}/dirt/{cell.province.code}/{cell.number}")
    touched: dict[str, str] = {}
    faults = []
    for home, noun, row, one in _baseline(cell):
        kind = dirt.draw(rng, profile, baseline=True)
        if kind is not None and kind.inject is not None and kind.inject(row, rng):
            faults.append((kind.name, kind.detectable, kind.repairable, home, row["record_id"], 0))
            _touch(touched, one, kind)
        rows[home][noun].append(row)
    known = _Truth(cell)
    known.note(0)
    items: list[feed.Version] = []
    for lived in cell.live(until, known.note_until):
        province = next(p for p in provinces() if p.code == lived.dossier.province)
        code = feed.dossier_code(province, cell, lived)
        versions, fault = feed.versions(cell, lived, province, code, rng, profile)
        items += versions
        if fault is not None:
            entry = (fault.kind.name, fault.kind.detectable, fault.kind.repairable)
            faults.append((*entry, province.code, code, day_of(lived.accepted)))
        _spread(touched, lived, fault)
    database.executemany(
        "insert into items values (?, ?, ?, ?)",
        [
            (v.province, v.item["updated_at"], v.item["id"], json.dumps(v.item, ensure_ascii=False))
            for v in items
        ],
    )
    database.executemany("insert into faults values (?, ?, ?, ?, ?, ?)", faults)
    database.executemany(
        "insert into truth values (?, ?, ?, ?, ?)",
        [(register, key, day, touched.get(key), state) for register, key, day, state in known.rows],
    )


def _touch(touched: dict[str, str], one: Aggregate, kind: dirt.Kind) -> None:
    if not kind.repairable:
        touched[one.key] = kind.name


def _spread(touched: dict[str, str], lived: Lived, fault: feed.Fault | None) -> None:
    """What a fault touches, and what is in one dossier with something touched, is touched."""
    keys = [one.key for one in lived.dossier.touched]
    names = [touched[key] for key in keys if key in touched]
    if fault is not None and not fault.kind.repairable:
        names.append(fault.kind.name)
    for key in keys if names else ():
        touched.setdefault(key, names[0])


class _Truth:
    """States of a cell's aggregates by the day on which they became known."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.last: dict[str, str | None] = {}
        self.rows: list[tuple[str, str, int, str | None]] = []

    def note_until(self, at: datetime) -> None:
        """Notes what changed when an effect of an instant has been carried out."""
        self.note(day_of(at))

    def note(self, day: int) -> None:
        for one in (*self.cell.people, *self.cell.parcels, *self.cell.businesses):
            state = json.dumps(one.state, sort_keys=True, ensure_ascii=False) if one.exists else None
            if self.last.get(one.key) != state:
                self.last[one.key] = state
                self.rows = [row for row in self.rows if (row[1], row[2]) != (one.key, day)]
                self.rows.append((one.register, one.key, day, state))


def _baseline(cell: Cell) -> Iterator[tuple[str, str, dict[str, Any], Aggregate]]:
    place = f"{cell.province.code}C{cell.number:06d}"
    for number, one in enumerate(cell.people):
        person, key = one.state["persons"], one.key
        homes = [
            residence_item(key, r)
            for r in one.state["residences"].values()
            if r["residence_kind"] == "permanent"
        ]
        row = {
            "record_id": f"BL{place}P{number}",
            "as_of_date": AS_OF,
            "NguoiDan": [person_item(person)],
            "CuTru": homes,
        }
        yield cell.province.code, "persons", row, one
        if key in cell.second:
            yield _elsewhere(one, f"BL{place}P{number}X", *cell.second[key])
    for number, one in enumerate(cell.parcels):
        state, key = one.state, one.key
        row = {
            "record_id": f"BL{place}T{number}",
            "as_of_date": AS_OF,
            "ThuaDat": [parcel_item(state["parcels"])],
            "GiayChungNhan": [certificate_item(key, c) for c in state["certificates"].values()],
            "QuyenSuDung": [right_item(key, r) for r in state["rights"].values()],
        }
        yield cell.province.code, "parcels", row, one
    for number, one in enumerate(cell.businesses):
        state, key = one.state, one.key
        row = {
            "record_id": f"BL{place}B{number}",
            "as_of_date": AS_OF,
            "DoanhNghiep": [business_item(state["businesses"])],
            "NganhNghe": [activity_item(key, a) for a in state["activities"].values()],
            "NguoiDaiDien": [representative_item(key, r) for r in state["representatives"].values()],
        }
        yield cell.province.code, "businesses", row, one


def _elsewhere(
    one: Aggregate, record: str, province: Province, stay: dict[str, Any]
) -> tuple[str, str, dict[str, Any], Aggregate]:
    """The same person as another province knows them: the year of birth alone."""
    person = {**person_item(one.state["persons"]), "NgaySinh": one.state["persons"]["birth_date"][:4]}
    row = {
        "record_id": record,
        "as_of_date": AS_OF,
        "NguoiDan": [person],
        "CuTru": [residence_item(one.key, stay)],
    }
    return province.code, "persons", row, one


def _write_baseline(folder: Path, groups: Rows) -> None:
    folder.mkdir(parents=True)
    pq.write_table(
        pa.Table.from_pylist(groups["persons"], schema=_parquet_schema(groups["persons"])),
        folder / "persons.parquet",
    )
    for noun in ("parcels", "businesses"):
        _write_lines(folder / f"{noun}.ndjson.gz", groups[noun])


def _parquet_schema(rows: Iterable[dict[str, Any]]) -> pa.Schema:
    """Strings, and lists of structs of strings; every field that any row has."""
    groups: dict[str, dict[str, None]] = {"NguoiDan": {}, "CuTru": {}}
    for row in rows:
        for group, fields in groups.items():
            for item in row[group]:
                fields.update(dict.fromkeys(item))
    lists = [
        (group, pa.list_(pa.struct([(name, pa.string()) for name in sorted(fields) or ["SoDinhDanh"]])))
        for group, fields in groups.items()
    ]
    return pa.schema([("record_id", pa.string()), ("as_of_date", pa.string()), *lists])


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
