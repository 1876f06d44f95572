"""Provinces and communes with their validity."""

from __future__ import annotations

from collections.abc import Iterator

from schemas import types as t
from schemas.contract import About, Contract, Key, Release
from schemas.open.types import UnitCode, UnitKind, UnitLevel, UnitName
from schemas.public_field import PublicField
from schemas.reference import communes_2025, provinces_34


class AdministrativeUnits(Contract):
    """The 34 provinces and 3,321 communes in force since 01/07/2025.

    Grain: one row per unit and period in which it was in force.
    """

    info = About(
        noun="administrative_units",
        title_vi="Đơn vị hành chính",
        title_en="Administrative units",
        version="1.0",
        owner="Bộ Nội vụ",
        legal_basis="Nghị quyết 202/2025/QH15; QĐ 19/2025/QĐ-TTg",
        retention="permanent",
        layer="open",
        release=Release.OPEN,
    )

    unit_code = PublicField(UnitCode, "Code of the unit.", "Mã đơn vị hành chính.", required=True)
    valid_from_date = PublicField(t.Date, "In force from.", "Có hiệu lực từ ngày.", required=True)
    valid_to_date = PublicField(
        t.Date,
        "In force until, exclusive; absent while it is.",
        "Hết hiệu lực từ ngày; trống nếu còn hiệu lực.",
    )
    unit_level = PublicField(UnitLevel, "Province or commune.", "Cấp tỉnh hoặc cấp xã.", required=True)
    unit_kind = PublicField(UnitKind, "Kind of unit.", "Loại đơn vị.", required=True)
    name = PublicField(
        UnitName, "Official name with its kind.", "Tên chính thức kèm loại đơn vị.", required=True
    )
    province_code = PublicField(
        t.ProvinceCode,
        "Province it is or belongs to.",
        "Mã tỉnh trực thuộc (hoặc của chính nó).",
        required=True,
    )

    key = Key((unit_code, valid_from_date), aggregate=1)
    example = {"valid_from_date": "2025-07-01", "valid_to_date": None, "unit_kind": "Thành phố"}


def rows() -> Iterator[dict[str, object]]:
    """The rows, provinces first, each level in order of its codes."""
    for row in provinces_34.rows():
        yield _unit(row, str(row["province_code"]), "province")
    for row in communes_2025.rows():
        yield _unit(row, str(row["commune_code"]), "commune")


def _unit(row: dict[str, object], code: str, level: str) -> dict[str, object]:
    name = str(row["name"])
    kinds = UnitKind.values or ()
    return {
        "unit_code": code,
        "valid_from_date": row["valid_from_date"],
        "valid_to_date": None,
        "unit_level": level,
        "unit_kind": next(kind for kind in kinds if name.startswith(f"{kind} ")),
        "name": name,
        "province_code": row["province_code"],
    }
