"""Businesses: codes, capital, activities."""

from __future__ import annotations

from schemas.contract import DomainType, Kind

TaxCode = DomainType(
    "tax_code",
    Kind.TEXT,
    "Tax code: 10 digits, a branch with -NNN, or the owner's personal id for a household since 07/2025.",
    pattern=r"[0-9]{10}(-[0-9]{3})?|[0-9]{12}",
    max_length=14,
    source="TT 86/2024/TT-BTC, TT 90/2026/TT-BTC",
    samples=("0100109106", "0300588569", "0101248141"),
)
BusinessKind = DomainType(
    "business_kind",
    Kind.TEXT,
    "Kind of business.",
    values=("enterprise", "household", "sole_proprietorship"),
    max_length=20,
    samples=("enterprise", "household"),
)
LegalStatus = DomainType(
    "legal_status",
    Kind.TEXT,
    "Legal status of an enterprise, 1 to 7.",
    values=("1", "2", "3", "4", "5", "6", "7"),
    max_length=1,
    source="NĐ 01/2021/NĐ-CP Đ41 (NĐ 168/2025/NĐ-CP)",
    samples=("7", "1"),
)
CapitalVnd = DomainType(
    "capital_vnd",
    Kind.INTEGER,
    "Charter capital.",
    minimum=0,
    maximum=10**17,
    unit="VND",
    samples=("1000000000",),
)
VsicCode = DomainType(
    "vsic_code",
    Kind.TEXT,
    "Activity of VSIC; meaningful only with its version.",
    pattern=r"[0-9]{2,5}",
    max_length=5,
    source="QĐ 36/2025/QĐ-TTg; QĐ 27/2018/QĐ-TTg",
    samples=("4711", "62010"),
)
VsicVersion = DomainType(
    "vsic_version",
    Kind.TEXT,
    "Version of VSIC.",
    values=("2018", "2025"),
    max_length=4,
    samples=("2018", "2025"),
)
