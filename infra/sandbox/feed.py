"""The versions of a dossier as a one-stop system keeps and sends them."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.sandbox import dirt, divided
from infra.sandbox.cell import DAY_ONE, Cell, Lived
from infra.sandbox.places import Province

LOG_DAYS = timedelta(days=3)
"""How long a version that a newer one replaced stays in the feed's log."""
STATUSES = {
    "2": "Được tiếp nhận",
    "3": "Không được tiếp nhận",
    "4": "Đang xử lý",
    "5": "Yêu cầu bổ sung giấy tờ",
    "9": "Đã xử lý xong",
    "10": "Đã trả kết quả",
}
"""Statuses of the portal in words, as some systems send them."""
UNMAPPED = "0"
"""What the portal has no status for: passed on to another system."""
_TITLES = {
    "1.001193": "Đăng ký khai sinh",
    "1.000656": "Đăng ký khai tử",
    "1.004222": "Đăng ký thường trú",
    "1.012756": "Đăng ký biến động đất đai",
}


@dataclass(slots=True)
class Version:
    """One item of a feed."""

    place: str
    """Province, and the former one that keeps a system of its own."""
    updated_at: datetime
    item: dict[str, Any]


@dataclass(slots=True)
class Fault:
    """An injected fault."""

    kind: dirt.Kind
    at: datetime
    """When the feed shows it first."""


def stamp(at: datetime) -> str:
    """An instant as the portal's exchange writes it."""
    return at.strftime("%Y%m%d%H%M%S")


def dossier_code(province: Province, cell: Cell, lived: Lived) -> str:
    """Unit, day, number; unlike any other dossier's."""
    receiver = divided.organisation(province, cell.number)
    unit = f"{receiver}.{cell.number // 100 % 1000:03d}.{cell.number % 100:02d}"
    group = cell.province.number * 100 + cell.number // 100_000
    return f"{unit}-{lived.accepted:%y%m%d}-{(group * 17 + lived.number) % 100_000:05d}"


def versions(
    cell: Cell, lived: Lived, province: Province, code: str, rng: random.Random, profile: str
) -> tuple[list[Version], Fault | None]:
    """The versions that the feed gives of a dossier, with the fault that was put in."""
    base = _header(lived, code)
    where = divided.place_of(province.code, divided.organisation(province, cell.number))
    kind = dirt.draw(rng, profile, baseline=False)
    if kind is not None and kind.inject is not None and not kind.inject(base, rng):
        kind = None
    items = [
        Version(where, at, {**copy.deepcopy(base), "sequence": place, **values})
        for place, (at, values) in enumerate(_stages(lived), 1)
    ]
    items = _kept(items)
    fault = Fault(kind, items[0].updated_at) if kind else None
    if kind is not None and kind.inject is None:
        fault = _delivered(kind, items, lived, rng)
    items.sort(key=lambda one: one.updated_at)
    for place, one in enumerate(items):
        one.item["id"] = ((cell.number * 34 + cell.province.number) * 1000 + lived.number) * 16 + place
        one.item["updated_at"] = f"{one.updated_at:%Y-%m-%dT%H:%M:%S}+07:00"
    return items, fault


def _stages(lived: Lived) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Instants and what each changes in the item."""
    yield lived.accepted, {"TrangThaiHoSo": "2"}
    if lived.supplemented is not None:
        yield lived.supplemented, {"TrangThaiHoSo": "5"}
    if lived.refused:
        yield lived.decided, {"TrangThaiHoSo": "3", "NgayTuChoi": stamp(lived.decided)}
        return
    done = {"NgayKetThucXuLy": stamp(lived.decided), "ThongTinTra": "Đã có kết quả"}
    yield lived.decided, {"TrangThaiHoSo": "9", **done}
    yield lived.returned, {"TrangThaiHoSo": "10", **done, "NgayTra": stamp(lived.returned)}
    if lived.withdrawn is not None:
        back = {
            "withdrawn_at": f"{lived.withdrawn:%Y-%m-%dT%H:%M:%S}+07:00",
            "withdrawn_basis": "Quyết định thu hồi",
        }
        yield lived.withdrawn, {"TrangThaiHoSo": "10", **done, "NgayTra": stamp(lived.returned), **back}


def _header(lived: Lived, code: str) -> dict[str, Any]:
    dossier = lived.dossier
    name, identifier = dossier.applicant
    item: dict[str, Any] = {
        "id": 0,
        "updated_at": "",
        "sequence": 0,
        "withdrawn_at": None,
        "withdrawn_basis": None,
        "corrected_at": None,
        "correction_basis": None,
        "madonvi": code.partition("-")[0],
        "MaHoSo": code,
        "MaTTHC": dossier.procedure,
        "TenTTHC": _TITLES.get(dossier.procedure, "Thủ tục hành chính"),
        "MaLinhVuc": dossier.field_code,
        "TenLinhVuc": "Lĩnh vực",
        "KenhThucHien": "123"[lived.number % 3],
        "ChuHoSo": name,
        "LoaiDoiTuong": "1",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": identifier}],
        "NgayNopHoSo": stamp(lived.accepted - timedelta(hours=1)),
        "NgayTiepNhan": stamp(lived.accepted),
        "NgayHenTra": stamp(lived.accepted + timedelta(days=10)),
        "TrangThaiHoSo": "2",
        "SoBienNhan": f"BN{lived.number:06d}",
        "SoDienThoai": f"09{lived.number * 7919 % 100_000_000:08d}",
        "TrichYeuHoSo": _TITLES.get(dossier.procedure, "Thủ tục hành chính"),
        "DonViXuLy": "UBND cấp xã",
        "HinhThuc": "01"[lived.number % 2],
        "HoSoCoThanhPhanSoHoa": "01"[lived.number % 3 > 0],
        "TaiKhoanDuocXacThucVoiVNeID": "01"[lived.number % 3 == 1],
        "DuocThanhToanTrucTuyen": "01"[lived.number % 5 == 0],
        "TaiLieuNop": [{"TepDinhKemId": f"{code}/1", "TenTepDinhKem": "to-khai.pdf"}],
    }
    if dossier.form is not None:
        item["form"] = {"code": dossier.form, "body": copy.deepcopy(dossier.body)}
    return item


def _kept(items: list[Version]) -> list[Version]:
    """Versions still in the log on day one: the newest, and those that were replaced lately."""
    limit = datetime.combine(DAY_ONE, datetime.min.time()) - LOG_DAYS
    replaced_at = [one.updated_at for one in items[1:]]
    old = [one for one, replaced in zip(items, replaced_at, strict=False) if replaced >= limit]
    return [*old, items[-1]]


def _delivered(kind: dirt.Kind, items: list[Version], lived: Lived, rng: random.Random) -> Fault | None:
    """Faults of delivery: something is sent again, late, steps back, or in words or codes of no list."""
    last = items[-1]
    later = last.updated_at + timedelta(hours=rng.randint(2, 30))
    if kind.name in {"status_text", "unmapped_status"}:
        for one in items:
            is_text = kind.name == "status_text"
            one.item["TrangThaiHoSo"] = STATUSES[one.item["TrangThaiHoSo"]] if is_text else UNMAPPED
        return Fault(kind, items[0].updated_at)
    is_approved = lived.takes_effect and lived.withdrawn is None
    if kind.name == "resend":
        items.append(Version(last.place, later, copy.deepcopy(last.item)))
    elif kind.name == "stale_version" and len(items) > 1:
        items.append(Version(last.place, later, copy.deepcopy(items[0].item)))
    elif kind.name == "status_backwards" and is_approved:
        items.append(Version(last.place, later, _stepped_back(last.item, rng.choice("245"))))
    elif kind.name == "status_corrected" and is_approved:
        later = datetime.combine(later.date() + timedelta(days=1), datetime.min.time()) + timedelta(hours=9)
        items += _corrected(last, later)
    else:
        return None
    return Fault(kind, later)


def _stepped_back(item: dict[str, Any], status: str) -> dict[str, Any]:
    back = {**copy.deepcopy(item), "TrangThaiHoSo": status, "sequence": item["sequence"] + 1}
    for name in ("NgayKetThucXuLy", "ThongTinTra", "NgayTra"):
        back.pop(name, None)
    return back


def _corrected(last: Version, at: datetime) -> list[Version]:
    """A status that is taken back by a decision, and the dossier finished again within the hour."""
    named = {"corrected_at": f"{at:%Y-%m-%dT%H:%M:%S}+07:00", "correction_basis": "Quyết định đính chính"}
    back = _stepped_back(last.item, "4") | named
    again = {**copy.deepcopy(last.item), "sequence": last.item["sequence"] + 2, **named}
    return [Version(last.place, at, back), Version(last.place, at + timedelta(minutes=40), again)]
