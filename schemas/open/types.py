"""Domain types of open datasets."""

from __future__ import annotations

from datetime import date

from schemas.contract import DomainType, Kind

IN_FORCE_SINCE = date(2025, 7, 1)
"""Start of the 34 provinces and 3,321 communes (QĐ 19/2025/QĐ-TTg)."""

EnterpriseCode = DomainType(
    "enterprise_code",
    Kind.TEXT,
    "Code of an enterprise: 10 digits. Codes of 12 digits are personal ids and never occur.",
    pattern=r"[0-9]{10}",
    max_length=10,
    source="TT 86/2024/TT-BTC",
    samples=("0100109106", "0300588569"),
)
UnitCode = DomainType(
    "unit_code",
    Kind.TEXT,
    "Code of an administrative unit: two digits for a province, five for a commune.",
    pattern=r"[0-9]{2}|[0-9]{5}",
    max_length=5,
    source="QĐ 19/2025/QĐ-TTg",
    samples=("01", "00004"),
)
UnitName = DomainType(
    "unit_name",
    Kind.TEXT,
    "Name of an administrative unit.",
    max_length=100,
    samples=("Phường Ba Đình", "Thành phố Hà Nội"),
)
UnitLevel = DomainType(
    "unit_level",
    Kind.TEXT,
    "Level of an administrative unit.",
    values=("province", "commune"),
    max_length=8,
    samples=("province", "commune"),
)
UnitKind = DomainType(
    "unit_kind",
    Kind.TEXT,
    "Kind of an administrative unit, the first words of its name.",
    values=("Tỉnh", "Thành phố", "Xã", "Phường", "Đặc khu"),
    max_length=10,
    samples=("Phường", "Tỉnh"),
)
AreaCode = DomainType(
    "area_code",
    Kind.TEXT,
    "Province, or VN for the whole country.",
    pattern=r"[0-9]{2}|VN",
    max_length=2,
    source="QĐ 19/2025/QĐ-TTg",
    samples=("01", "VN"),
)
Month = DomainType(
    "month",
    Kind.TEXT,
    "Calendar month in Viet Nam, ISO 8601.",
    pattern=r"[0-9]{4}-[0-9]{2}",
    max_length=7,
    samples=("2026-10",),
)
Title = DomainType("title", Kind.TEXT, "Title.", max_length=300, samples=("Đăng ký khai sinh",))
IndustryCodes = DomainType(
    "industry_codes",
    Kind.TEXT,
    "Industries as version:code, in order, joined by semicolons.",
    pattern=r"(2018|2025):[0-9]{2,5}(;(2018|2025):[0-9]{2,5})*",
    max_length=200,
    source="QĐ 36/2025/QĐ-TTg; QĐ 27/2018/QĐ-TTg",
    samples=("2025:62010", "2018:4711;2025:4711"),
)
CountedKind = DomainType(
    "counted_kind",
    Kind.TEXT,
    "Kind of business that is published as a count only.",
    values=("household", "sole_proprietorship"),
    max_length=20,
    samples=("household",),
)
