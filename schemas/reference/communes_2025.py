"""Communes, as a dataset."""

from __future__ import annotations

from collections.abc import Iterator

from schemas import reference
from schemas import types as t
from schemas.contract import About, Contract, Key
from schemas.open.types import IN_FORCE_SINCE, UnitName
from schemas.public_field import PublicField


class Communes(Contract):
    """The communes, wards and special zones in force since 01/07/2025.

    Grain: one row per commune.
    """

    info = About(
        noun="communes",
        title_vi="Danh mục xã, phường, đặc khu",
        title_en="Communes",
        version="1.0",
        owner="Bộ Nội vụ",
        legal_basis="QĐ 19/2025/QĐ-TTg",
        retention="permanent",
        layer="reference",
    )

    commune_code = PublicField(
        t.CommuneCode, "Code of the commune.", "Mã xã, phường, đặc khu.", required=True
    )
    name = PublicField(UnitName, "Name with its kind.", "Tên kèm cấp đơn vị.", required=True)
    province_code = PublicField(
        t.ProvinceCode, "Province it belongs to.", "Mã tỉnh trực thuộc.", required=True
    )
    valid_from_date = PublicField(t.Date, "In force from.", "Ngày có hiệu lực.", required=True)

    key = Key((commune_code,))
    example = {"name": "Phường Ba Đình", "valid_from_date": "2025-07-01"}


def rows() -> Iterator[dict[str, object]]:
    """The rows, in order of their codes."""
    for row in reference.commune_list():
        yield {
            "commune_code": row["code"],
            "name": row["name"],
            "province_code": row["province_code"],
            "valid_from_date": IN_FORCE_SINCE,
        }
