"""Stories of persons and parcels as landed rows, for the journeys that follow their history."""

from __future__ import annotations

from typing import Any

from tests.support.dossiers import version

BINH, CUC, EM, AN, HOA, NAM = (
    "001075000001",
    "001175000004",
    "001182000005",
    "001190000006",
    "001192000007",
    "001088000008",
)
NAMES = {
    BINH: "Trần Văn Bình",
    CUC: "Phạm Thị Cúc",
    EM: "Hoàng Thị Em",
    AN: "Nguyễn Thị An",
    HOA: "Vũ Thị Hoa",
    NAM: "Đỗ Văn Nam",
}
BORN = {AN: "17/05/1990", HOA: "08/03/1992", NAM: "02/09/1988"}


def code(number: int, day: str = "261102") -> str:
    return f"H26.01.02-{day}-{number:04d}"


def right(parcel: str, holder: str, share: str = "1/1", **more: str) -> dict[str, str]:
    numerator, denominator = share.split("/")
    return {
        "maThuaDat": parcel,
        "LoaiGiayTo": "1",
        "soGiayTo": holder,
        "hoTen": NAMES[holder],
        "tuSo": numerator,
        "mauSo": denominator,
        "loaiQuyen": "1",
        **more,
    }


def parcel(name: str, number: int, area: str = "96,1") -> dict[str, str]:
    return {
        "maThuaDat": name,
        "MaXa": "00004",
        "soHieuToBanDo": "12",
        "soThuTuThua": str(number),
        "dienTich": area,
        "mucDichSuDung": "ODT",
        "diaChi": "Số 1",
    }


def extract_of(record: str, name: str, number: int, *rights: dict[str, str]) -> dict[str, Any]:
    """A parcel as a register extract has it."""
    return {
        "record_id": record,
        "as_of_date": "2026-07-31",
        "ThuaDat": [parcel(name, number)],
        "GiayChungNhan": [],
        "QuyenSuDung": list(rights),
    }


def sale(dossier: str, name: str, seller: str, buyer: str, finished: str) -> dict[str, Any]:
    body = {"BenChuyen": [right(name, seller)], "BenNhan": [right(name, buyer)]}
    return version(
        dossier, 1, "1.012756", form="DD-CN", body=body, finished=finished, accepted=f"{finished[:8]}070000"
    )


def split(dossier: str, parent: str, children: list[str], finished: str) -> dict[str, Any]:
    body = {
        "ThuaDatGoc": [parcel(parent, 1)],
        "ThuaDatMoi": [parcel(child, 10 + place, "48,0") for place, child in enumerate(children)],
    }
    return version(dossier, 1, "1.012784", form="DD-TT", body=body, finished=finished)


def union(dossier: str, parents: list[str], child: str, finished: str) -> dict[str, Any]:
    body = {
        "ThuaDatGoc": [parcel(one, 10 + place, "48,0") for place, one in enumerate(parents)],
        "ThuaDatMoi": [parcel(child, 20, "96,0")],
    }
    return version(dossier, 1, "1.012785", form="DD-HT", body=body, finished=finished)


def person(personal_id: str, **more: str) -> dict[str, str]:
    sex = "2" if personal_id[3] in "13" else "1"
    return {
        "SoDinhDanh": personal_id,
        "HoVaTen": NAMES[personal_id],
        "NgaySinh": BORN[personal_id],
        "GioiTinh": sex,
        **more,
    }


def residence(personal_id: str, since: str, commune: str = "00004") -> dict[str, str]:
    return {
        "SoDinhDanh": personal_id,
        "LoaiCuTru": "1",
        "MaPhuongXa": commune,
        "ChiTiet": "Số 1",
        "TuNgay": since,
    }


def resident(record: str, personal_id: str, **more: str) -> dict[str, Any]:
    """A person as a register extract has them."""
    return {
        "record_id": record,
        "as_of_date": "2026-07-31",
        "NguoiDan": [person(personal_id, **more)],
        "CuTru": [residence(personal_id, "01/06/2015")],
    }


def death(dossier: str, personal_id: str, day: str, finished: str) -> dict[str, Any]:
    body = {"NguoiDan": [person(personal_id, NgayMat=day)], "CuTru": [residence(personal_id, day)]}
    return version(dossier, 1, "1.000656", form="HT-KT", body=body, finished=finished)


def move(dossier: str, personal_id: str, since: str, commune: str, finished: str) -> dict[str, Any]:
    body = {"CuTru": [residence(personal_id, since, commune)]}
    return version(dossier, 1, "1.004222", form="CT-TT", body=body, finished=finished)


def renaming(dossier: str, personal_id: str, name: str, finished: str) -> dict[str, Any]:
    body = {"NguoiDan": [person(personal_id, HoVaTen=name, HoVaTenCu=NAMES[personal_id])]}
    return version(dossier, 1, "1.004859", form="HT-CC", body=body, finished=finished)
