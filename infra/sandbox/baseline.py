"""The provinces' register extracts: their rows, and the files that they are written to as they come."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from infra.sandbox.cell import Cell
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

AS_OF = "2026-07-31"
_GROUP_ROWS = 2_000
_PERSON = (
    *("SoDinhDanh", "HoVaTen", "NgaySinh", "GioiTinh", "QuocTich", "NoiSinhMaXa"),
    *("SoDinhDanhCha", "SoDinhDanhMe"),
)
_RESIDENCE = ("SoDinhDanh", "LoaiCuTru", "MaPhuongXa", "ChiTiet", "TuNgay", "SoDinhDanhChuHo")


def _list_of(names: tuple[str, ...]) -> pa.DataType:
    return pa.list_(pa.struct([(name, pa.string()) for name in names]))


_PERSONS = pa.schema(
    [
        ("record_id", pa.string()),
        ("as_of_date", pa.string()),
        ("NguoiDan", _list_of(_PERSON)),
        ("CuTru", _list_of(_RESIDENCE)),
    ]
)


@dataclass(slots=True)
class Extract:
    """One row of a province's extract."""

    province: str
    noun: str
    row: dict[str, Any]
    about: Aggregate


class Files:
    """Extracts of all provinces below a folder; rows go to disk as they come.

    Persons are Parquet and may be known to several provinces, so those files stay open together;
    parcels and businesses are gzip NDJSON.
    """

    def __init__(self, folder: Path) -> None:
        """Opens every file, so that a province without rows has empty ones."""
        self._open = ExitStack()
        self._persons: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[dict[str, Any]]] = {}
        self._lines: dict[tuple[str, str], gzip.GzipFile] = {}
        for province in provinces():
            below = folder / province.code
            below.mkdir(parents=True)
            writer = pq.ParquetWriter(below / "persons.parquet", _PERSONS)
            self._persons[province.code] = self._open.enter_context(writer)
            self._waiting[province.code] = []
            for noun in ("parcels", "businesses"):
                raw = self._open.enter_context((below / f"{noun}.ndjson.gz").open("wb"))
                packed = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="", compresslevel=6)
                self._open.callback(packed.close)
                self._lines[province.code, noun] = packed

    def __enter__(self) -> Files:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for province in self._waiting:
            self._flush(province)
        self._open.__exit__(kind, error, trace)

    def write(self, extract: Extract) -> None:
        """Adds a row to its file."""
        if extract.noun != "persons":
            line = json.dumps(extract.row, ensure_ascii=False).encode() + b"\n"
            self._lines[extract.province, extract.noun].write(line)
            return
        waiting = self._waiting[extract.province]
        waiting.append(extract.row)
        if len(waiting) == _GROUP_ROWS:
            self._flush(extract.province)

    def _flush(self, province: str) -> None:
        if rows := self._waiting[province]:
            self._persons[province].write_table(pa.Table.from_pylist(rows, schema=_PERSONS))
            self._waiting[province] = []


def extracts(cell: Cell) -> Iterator[Extract]:
    """What the registers know of a cell before its first event."""
    place, province = f"{cell.province.code}C{cell.number:06d}", cell.province.code
    for number, one in enumerate(cell.people):
        record = f"BL{place}P{number}"
        yield Extract(province, "persons", _person(one, record), one)
        if one.key in cell.second:
            yield _elsewhere(one, f"{record}X", *cell.second[one.key])
    for number, one in enumerate(cell.parcels):
        yield Extract(province, "parcels", _parcel(one, f"BL{place}T{number}"), one)
    for number, one in enumerate(cell.businesses):
        yield Extract(province, "businesses", _business(one, f"BL{place}B{number}"), one)


def _row(record: str, **groups: list[dict[str, str]]) -> dict[str, Any]:
    return {"record_id": record, "as_of_date": AS_OF, **groups}


def _person(one: Aggregate, record: str) -> dict[str, Any]:
    homes = [r for r in one.state["residences"].values() if r["residence_kind"] == "permanent"]
    return _row(
        record,
        NguoiDan=[person_item(one.state["persons"])],
        CuTru=[residence_item(one.key, home) for home in homes],
    )


def _parcel(one: Aggregate, record: str) -> dict[str, Any]:
    state, key = one.state, one.key
    return _row(
        record,
        ThuaDat=[parcel_item(state["parcels"])],
        GiayChungNhan=[certificate_item(key, c) for c in state["certificates"].values()],
        QuyenSuDung=[right_item(key, r) for r in state["rights"].values()],
    )


def _business(one: Aggregate, record: str) -> dict[str, Any]:
    state, key = one.state, one.key
    return _row(
        record,
        DoanhNghiep=[business_item(state["businesses"])],
        NganhNghe=[activity_item(key, a) for a in state["activities"].values()],
        NguoiDaiDien=[representative_item(key, r) for r in state["representatives"].values()],
    )


def _elsewhere(one: Aggregate, record: str, province: Province, stay: dict[str, Any]) -> Extract:
    """The same person as another province knows them: the year of birth alone."""
    person = {**person_item(one.state["persons"]), "NgaySinh": one.state["persons"]["birth_date"][:4]}
    row = _row(record, NguoiDan=[person], CuTru=[residence_item(one.key, stay)])
    return Extract(province.code, "persons", row, one)
