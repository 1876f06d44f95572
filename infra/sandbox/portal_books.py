"""What the simulated national portal holds, and what it refuses. Durable, in the sandbox's folder."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.sandbox.places import provinces

REQUIRED = ("MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "ChuHoSo", "NgayTiepNhan", "TrangThaiHoSo")
_STEP_REQUIRED = ("MaHoSo", "ThoiDiemXuLy", "TrangThai")
_DATES = ("NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi")
STAGES = {"1": 0, "2": 1, "4": 2, "5": 2, "6": 2, "3": 3, "7": 3, "8": 3, "9": 3, "10": 4}
"""How far a dossier is in each status: registered, received, being processed, ended, handed over."""
_PLACEHOLDERS = re.compile(r"(\d)\1{8}|(\d)\2{11}|000000001|123456789|123456789012|\d{6}0{6}")
_IDENTIFIER = re.compile(r"\d{9}|\d{12}")
_SCHEMA = """
create table if not exists dossiers (
    agency text, code text, status text, body text, received integer, primary key (agency, code));
create table if not exists steps (
    agency text, code text, at text, status text, received integer, primary key (agency, code, at, status));
create table if not exists counts (name text primary key, number integer);
"""
Row = Mapping[str, Any]


class Refusal(Exception):
    """What the portal says in place of taking a message; it may quote a value, as portals do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Books:
    """Dossiers and their steps by agency; one writer at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript("pragma journal_mode=wal; pragma synchronous=normal;" + _SCHEMA)

    def count(self, name: str) -> int:
        """Counts something once more, and tells how often it was counted."""
        with self._lock:
            return self._counted(name)

    def _counted(self, name: str, by: int = 1) -> int:
        query = (
            "insert into counts values (?, ?) on conflict do update set number = number + excluded.number "
            "returning number"
        )
        number: int = self._database.execute(query, (name, by)).fetchone()[0]
        return number

    def dossiers(self, agency: str, data: Sequence[Row], *, updating: bool) -> None:
        """Takes dossiers, all or none; with ``updating`` those that are there too.

        Raises:
            Refusal: One of them is refused.
        """
        with self._lock, self._database:
            self._database.execute("begin immediate")
            for row in data:
                try:
                    self._require_fit(agency, row, updating=updating)
                except Refusal as refusal:
                    raise Refusal(
                        refusal.code, f"{refusal.message}. Chủ hồ sơ: {row.get('ChuHoSo')}"
                    ) from None
                self._database.execute(
                    "insert into dossiers values (?, ?, ?, ?, 1) on conflict do update set "
                    "status = excluded.status, body = excluded.body, received = received + 1",
                    (agency, row["MaHoSo"], row["TrangThaiHoSo"], json.dumps(row, ensure_ascii=False)),
                )

    def _require_fit(self, agency: str, row: Row, *, updating: bool) -> None:
        _require_whole(agency, row)
        held = self._held(agency, row["MaHoSo"])
        if held is not None and not updating:
            raise Refusal("-3", f"Hồ sơ {row['MaHoSo']} đã tồn tại")
        if held is not None:
            _require_forward(held, row["TrangThaiHoSo"])

    def steps(self, agency: str, data: Sequence[Row]) -> None:
        """Takes status steps, all or none; one that is there already is counted and changes nothing.

        Raises:
            Refusal: One of them is refused, or its dossier is not here.
        """
        with self._lock, self._database:
            self._database.execute("begin immediate")
            for row in data:
                _require_fields(row, _STEP_REQUIRED)
                _require_instant(row["ThoiDiemXuLy"])
                key = (agency, row["MaHoSo"], row["ThoiDiemXuLy"], row["TrangThai"])
                if self._held(agency, row["MaHoSo"]) is None:
                    raise Refusal("3", f"Hồ sơ {row['MaHoSo']} không có trên hệ thống")
                is_known = "select 1 from steps where (agency, code, at, status) = (?, ?, ?, ?)"
                if self._database.execute(is_known, key).fetchone() is None:
                    self._require_next(agency, row)
                self._database.execute(
                    "insert into steps values (?, ?, ?, ?, 1) "
                    "on conflict do update set received = received + 1",
                    key,
                )

    def _require_next(self, agency: str, row: Row) -> None:
        query = "select status from steps where agency = ? and code = ?"
        for (status,) in self._database.execute(query, (agency, row["MaHoSo"])):
            _require_forward(status, row["TrangThai"])

    def _held(self, agency: str, code: str) -> str | None:
        query = "select status from dossiers where agency = ? and code = ?"
        found = self._database.execute(query, (agency, code)).fetchone()
        return str(found[0]) if found else None

    def lookup(self, agency: str, code: str) -> list[dict[str, Any]]:
        """What is held of a dossier: one entry, or none."""
        with self._lock:
            status = self._held(agency, code)
        return [] if status is None else [{"MaHoSo": code, "TrangThaiHoSo": status}]

    def holdings(self) -> list[dict[str, Any]]:
        """Every dossier with its last status, how often it was received, and its steps in order."""
        with self._lock:
            found = {
                (agency, code): {
                    "madonvi": agency,
                    "MaHoSo": code,
                    "TrangThaiHoSo": status,
                    "received": received,
                    "steps": [],
                }
                for agency, code, status, received in self._database.execute(
                    "select agency, code, status, received from dossiers order by agency, code"
                )
            }
            for agency, code, at, status, received in self._database.execute(
                "select * from steps order by agency, code, at"
            ):
                step = {"ThoiDiemXuLy": at, "TrangThai": status, "received": received}
                found[agency, code]["steps"].append(step)
        return list(found.values())

    def totals(self) -> dict[str, int]:
        """Numbers of dossiers and steps, how often either was received, and what was counted."""
        with self._lock:
            told = {}
            for table in ("dossiers", "steps"):
                query = f"select count(*), coalesce(sum(received), 0) from {table}"  # noqa: S608  (two names)
                told[table], told[f"{table}_received"] = self._database.execute(query).fetchone()
            return told | dict(self._database.execute("select name, number from counts order by name"))

    def close(self) -> None:
        """Closes the file."""
        self._database.close()


def _require_whole(agency: str, row: Row) -> None:
    if agency not in {province.organisation for province in provinces()}:
        raise Refusal("3", f"Mã đơn vị {agency} không hợp lệ")
    _require_fields(row, REQUIRED)
    if row["TrangThaiHoSo"] not in STAGES:
        raise Refusal("3", f"Trạng thái {row['TrangThaiHoSo']} không hợp lệ")
    for name in _DATES:
        if row.get(name):
            _require_instant(row[name])
    for one in row.get("DinhDanhCHS") or ():
        number = str(one.get("SoDinhDanh") or "")
        if not _IDENTIFIER.fullmatch(number) or _PLACEHOLDERS.fullmatch(number):
            raise Refusal("3", f"Số định danh {number} không hợp lệ")


def _require_fields(row: Row, names: Sequence[str]) -> None:
    if missing := [name for name in names if not row.get(name)]:
        raise Refusal("3", f"{missing[0]} là trường bắt buộc")


def _require_instant(text: str) -> None:
    try:
        datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007  (of Viet Nam)
    except ValueError as error:
        raise Refusal("3", f"{text} không phải ngày giờ; là trường bắt buộc") from error


def _require_forward(held: str, status: str) -> None:
    if STAGES.get(status, -1) < STAGES[held]:
        raise Refusal("3", f"Trạng thái {status} đi lùi so với {held}")
