"""Dossiers in the words of the dvcqg feed, for tests that start from landed bytes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Any


def version(
    code: str,
    sequence: int,
    procedure: str,
    *,
    form: str | None = None,
    body: Mapping[str, Any] | None = None,
    finished: str | None = None,
    status: str | None = None,
    accepted: str = "20261102080000",
    updated: str = "2026-11-02T09:00:00+07:00",
    number: int = 1,
    **more: Any,
) -> dict[str, Any]:
    """One item of the feed: approved when it has a finish time, being processed otherwise."""
    item: dict[str, Any] = {
        "id": number,
        "updated_at": updated,
        "sequence": sequence,
        "withdrawn_at": None,
        "withdrawn_basis": None,
        "madonvi": "H26.01.02",
        "MaHoSo": code,
        "MaTTHC": procedure,
        "TenTTHC": "Thủ tục",
        "MaLinhVuc": "G15-HT01",
        "TenLinhVuc": "Hộ tịch",
        "KenhThucHien": "1",
        "ChuHoSo": "Nguyễn Văn Sáu",
        "LoaiDoiTuong": "1",
        "NgayTiepNhan": accepted,
        "TrangThaiHoSo": status or ("9" if finished else "4"),
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "001090000001"}],
    }
    if finished:
        item |= {"NgayKetThucXuLy": finished, "ThongTinTra": "Đã cấp kết quả"}
    if form:
        item["form"] = {"code": form, "body": body or {}}
    return {**item, **more}


def ndjson(rows: Iterable[Mapping[str, Any] | str]) -> bytes:
    """Rows as gzip NDJSON; a string is written as it is (a broken line). Same rows, same bytes."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    return gzip.compress("\n".join([*lines, ""]).encode(), mtime=0)
