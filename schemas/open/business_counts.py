"""Household businesses and sole proprietorships, as counts."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Key, Register, Release
from schemas.open.types import AreaCode, CountedKind, Month
from schemas.public_field import PublicField


class BusinessCounts(Contract):
    """Businesses that are persons, counted at the end of a closed month.

    Grain: one row per area (34 provinces and the country) and kind. Small counts are absent, the
    others rounded to tens, so that two months never differ by a small count. Businesses whose
    commune is not known are not counted.
    """

    info = About(
        noun="counts",
        title_vi="Số hộ kinh doanh và doanh nghiệp tư nhân theo tỉnh",
        title_en="Household businesses and sole proprietorships by province",
        version="1.0",
        owner="Bộ Tài chính",
        legal_basis="NĐ 168/2025/NĐ-CP; NĐ 194/2025/NĐ-CP",
        retention="permanent",
        register=Register.BUSINESS,
        layer="open",
        release=Release.OPEN,
    )

    area_code = PublicField(
        AreaCode, "Province, or VN for the country.", "Mã tỉnh; VN là cả nước.", required=True
    )
    business_kind = PublicField(CountedKind, "Kind of business.", "Loại hình.", required=True)
    month = PublicField(Month, "Month at whose end they are counted.", "Tính đến cuối tháng.", required=True)
    business_count = PublicField(
        t.Count, "Businesses in the register, rounded to tens.", "Số lượng, làm tròn đến hàng chục."
    )
    is_suppressed = PublicField(
        t.Flag,
        "Whether the count is absent to protect persons.",
        "Số liệu bị ẩn để bảo vệ cá nhân hay không.",
        required=True,
    )

    key = Key((area_code, business_kind, month), aggregate=3)
    example = {"business_count": "120", "is_suppressed": "false"}
