"""Provinces, as a dataset."""

from __future__ import annotations

from collections.abc import Iterator

from schemas import reference
from schemas import types as t
from schemas.contract import About, Contract, Key
from schemas.open.types import IN_FORCE_SINCE, UnitName
from schemas.public_field import PublicField


class Provinces(Contract):
    """The provinces in force since 01/07/2025.

    Grain: one row per province.
    """

    info = About(
        noun="provinces",
        title_vi="Danh mục tỉnh, thành phố",
        title_en="Provinces",
        version="1.0",
        owner="Bộ Nội vụ",
        legal_basis="Nghị quyết 202/2025/QH15; QĐ 19/2025/QĐ-TTg",
        retention="permanent",
        layer="reference",
    )

    province_code = PublicField(t.ProvinceCode, "Code of the province.", "Mã tỉnh, thành phố.", required=True)
    name = PublicField(UnitName, "Name with its kind.", "Tên kèm cấp đơn vị.", required=True)
    valid_from_date = PublicField(t.Date, "In force from.", "Ngày có hiệu lực.", required=True)

    key = Key((province_code,))
    example = {"name": "Thành phố Hà Nội", "valid_from_date": "2025-07-01"}


def rows() -> Iterator[dict[str, object]]:
    """The rows, in order of their codes."""
    for code, name in sorted(reference.provinces().items()):
        yield {"province_code": code, "name": name, "valid_from_date": IN_FORCE_SINCE}
